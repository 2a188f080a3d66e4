import { expect, test } from "vitest";
import type { Reply } from "../../shared/reply-types.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { endOf, turns, wait, watch, webhook } from "../support/replying.ts";

export function replyReaderPromises(): void {
  test("logic whose caller hung up before it began is stopped", async () => {
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

  test("a client that hangs up before anything was sent on / stops the logic too", async () => {
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
    },
  );

  test("who hangs up in the middle of a text that was whole is client_gone in the log, not a clean 200", async () => {
    const { ask, clock, log } = webhook(() => "x".repeat(100_000));
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(20);
    await stream.hangUp();
    await clock.advance(200);
    expect(log.filter(({ event }) => event === "request")).toMatchObject([{ code: "client_gone" }]);
  });

  test("a platform is asked to wait for the logic's own ending, which a hang-up must not cut short", async () => {
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

  test("a slow reader holds back a fast generator, and a fast one is gathered into few events", async () => {
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
    // What two events hold, and 8 kB that wait: however long the reader takes.
    const held = yielded;
    expect(held).toBeLessThan(2500);
    const sizes: number[] = [];
    for (let i = 0; i < 20; i++) sizes.push((await reader.read()).value?.length ?? 0);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(1024);
    expect(sizes.slice(5).reduce((a, b) => a + b) / 15).toBeGreaterThan(900);
    // The generator waits for the reader again when it hears that there is none any more.
    await turns(100);
    await reader.cancel();
    expect(yielded).toBeLessThan(held + 10_000);
    await expect.poll(() => ended).toBe(true);
  });

  test("a reader that is held up for 120 ms of a long reply still finds no more than it takes at once, 64 KiB", async () => {
    const { ask, clock } = webhook(() => "x".repeat(200_000));
    const stream = watch(await ask("/stream"), clock);
    await endOf(stream.ended, clock, 4);
    const read = readAsDashboard(stream.pieces.map(({ text }) => new TextEncoder().encode(text)));
    expect(read.text.length).toBe(200_000);
    for (const [index, { at }] of stream.pieces.entries()) {
      const meanwhile = stream.pieces.slice(index).filter((later) => later.at <= at + 0.12);
      const framing = 8;
      expect(meanwhile.reduce((sum, { text }) => sum + text.length + framing, 0)).toBeLessThanOrEqual(65_536);
    }
  });

  test("done comes alone: 100 ms after the last delta", async () => {
    const { ask, clock } = webhook(() => "x");
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(200);
    await stream.ended;
    const [delta, done] = stream.pieces.slice(-2);
    expect([delta?.text, done?.text]).toEqual([expect.stringContaining("event: delta"), expect.stringMatching(/^event: done/)]);
    expect((done?.at ?? 0) - (delta?.at ?? 0)).toBeCloseTo(0.1, 5);
  });

  test("no text is lost that comes at an odd moment, however many turns of promises after the start", async () => {
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
