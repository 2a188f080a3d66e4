import { expect, test } from "vitest";
import type { Reply } from "../../shared/reply-types.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { turns, wait, watch, webhook } from "../support/replying.ts";

export function replyReaderPromises(): void {
  test("a caller that hung up before the logic began stops it", async () => {
    let aborted = false;
    const { ask } = webhook(async ({ signal }) => {
      await new Promise((resolve) => setTimeout(resolve, 0));
      aborted = signal.aborted;
      return "x";
    });
    const controller = new AbortController();
    const asked = ask("/", controller.signal);
    controller.abort();
    await asked;
    await expect.poll(() => aborted).toBe(true);
  });

  test("a client that hangs up on / before a byte was sent stops the logic", async () => {
    const gone = new AbortController();
    let aborted = false;
    const { ask, clock } = webhook(async ({ signal }) => {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      aborted = true;
      return "nobody reads this";
    });
    const asked = ask("/", gone.signal).catch(() => {});
    await clock.advance(1000);
    gone.abort();
    await clock.advance(10);
    await asked;
    expect(aborted).toBe(true);
  });

  test.each(["/", "/stream"] as const)(
    "a client that hangs up on %s stops the logic: its finally runs and its signal fires",
    async (path) => {
      const seen: string[] = [];
      const { ask, clock, log } = webhook(async function* ({ signal }) {
        signal.addEventListener("abort", () => seen.push("aborted"));
        try {
          for (;;) {
            yield "word ";
            await wait(clock, 100);
          }
        } finally {
          seen.push("finally");
        }
      });
      const asked = ask(path);
      await clock.advance(6000);
      const body = watch(await asked, clock);
      await clock.advance(1000);
      expect(seen).toEqual([]);
      await body.hangUp();
      await clock.advance(200);
      expect(seen).toEqual(["aborted", "finally"]);
      expect(log.at(-1)).toMatchObject({ event: "request", code: "client_gone" });
      expect(log.filter(({ level }) => level === "error")).toEqual([]);
    },
  );

  test("a hang-up while a complete text is being sent is logged as client_gone", async () => {
    const { ask, clock, log } = webhook(() => "x".repeat(100_000));
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(20);
    await stream.hangUp();
    await clock.advance(200);
    expect(log.filter(({ event }) => event === "request")).toMatchObject([{ code: "client_gone" }]);
  });

  test("after a hang-up, waitUntil lets the logic's finally run to its end", async () => {
    let ended = false;
    const { ask, clock, background } = webhook(async function* () {
      try {
        yield "x";
        await wait(clock, 60_000);
      } finally {
        await wait(clock, 1000);
        ended = true;
      }
    });
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(100);
    await stream.hangUp();
    expect(background).toHaveLength(1);
    await clock.advance(70_000);
    await Promise.all(background);
    expect(ended).toBe(true);
  });

  test("a fast generator waits for a slow reader, and its small pieces are joined into few events", async () => {
    let yielded = 0;
    let ended = false;
    const { ask } = webhook(async function* () {
      try {
        for (; yielded < 50_000; yielded++) yield "word ";
      } finally {
        ended = true;
      }
    });
    const response = await ask("/stream");
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    await reader.read();
    await reader.read();
    await turns(100);
    // The text of two events and 8 kB of unread text, however long the reader takes.
    const yieldedBefore = yielded;
    expect(yieldedBefore).toBeLessThan(2500);
    const sizes: number[] = [];
    for (let i = 0; i < 20; i++) sizes.push((await reader.read()).value?.length ?? 0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024);
    expect(sizes.slice(5).reduce((a, b) => a + b) / 15).toBeGreaterThan(900);
    // The generator is waiting for the reader again when the reader hangs up.
    await turns(100);
    await reader.cancel();
    expect(yielded).toBeLessThan(yieldedBefore + 10_000);
    await expect.poll(() => ended).toBe(true);
  });

  test("a reader that pauses for 120 ms in a long reply then finds at most 64 KiB, which it can read at once", async () => {
    const { ask, clock } = webhook(() => "x".repeat(200_000));
    const stream = watch(await ask("/stream"), clock);
    await clock.advanceUntil(stream.ended, 4);
    const read = readAsDashboard(stream.pieces.map(({ text }) => new TextEncoder().encode(text)));
    expect(read.text.length).toBe(200_000);
    for (const [index, { at }] of stream.pieces.entries()) {
      const meanwhile = stream.pieces.slice(index).filter((later) => later.at <= at + 0.12);
      const framing = 8;
      expect(meanwhile.reduce((sum, { text }) => sum + text.length + framing, 0)).toBeLessThanOrEqual(65_536);
    }
  });

  test("a client that hangs up between the last delta and done is client_gone in the log", async () => {
    const { ask, clock, log } = webhook(() => "short");
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(50);
    expect(stream.pieces.at(-1)?.text).toContain("event: delta");
    await stream.hangUp();
    await clock.advance(200);
    expect(log.filter(({ event }) => event === "request")).toMatchObject([{ status: 200, code: "client_gone" }]);
  });

  test("done comes alone, 100 ms after the last delta", async () => {
    const { ask, clock } = webhook(() => "x");
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(200);
    await stream.ended;
    const [delta, done] = stream.pieces.slice(-2);
    expect([delta?.text, done?.text]).toEqual([expect.stringContaining("event: delta"), expect.stringMatching(/^event: done/)]);
    expect((done?.at ?? 0) - (delta?.at ?? 0)).toBeCloseTo(0.1, 5);
  });

  test("no text is lost, however many promise turns after the start it comes", async () => {
    const lost: string[] = [];
    for (let count = 0; count <= 80; count++) {
      const text = `after ${count}`;
      const replies: Reply[] = [
        async () => {
          for (let i = 0; i < count; i++) await undefined;
          return text;
        },
        async function* () {
          for (let i = 0; i < count; i++) await undefined;
          yield text;
        },
      ];
      for (const reply of replies) {
        const { ask, clock } = webhook(reply);
        const stream = watch(await ask("/stream"), clock);
        await clock.advance(200);
        if (readAsDashboard([new TextEncoder().encode(await stream.ended)]).text !== text) lost.push(text);
      }
    }
    expect(lost).toEqual([]);
  });
}
