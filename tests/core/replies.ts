import { expect, test } from "vitest";
import { createApp } from "../../shared/app.ts";
import { executionContext } from "../../shared/execution-context.ts";
import type { LogRecord } from "../../shared/log.ts";
import type { Reply } from "../../shared/reply-types.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { payload } from "../support/payload.ts";

const FALLBACK = "Something went wrong here.";

function webhook(reply: Reply, env: Record<string, string> = {}, more: { stopping?: AbortSignal } = {}) {
  const clock = new FakeClock();
  const log: LogRecord[] = [];
  const background: Promise<unknown>[] = [];
  const context = executionContext((work) => background.push(work));
  const app = createApp({
    env: { FALLBACK_REPLY: FALLBACK, ...env },
    reply,
    clock,
    log: (record) => log.push(record),
    ...more,
  });
  const ask = (path: "/" | "/stream", signal?: AbortSignal) => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(payload("hi")) };
    return Promise.resolve(app.fetch(new Request(`http://localhost${path}`, signal ? { ...init, signal } : init), {}, context));
  };
  return { clock, log, background, ask };
}

/** Reads a body as it comes, and notes at which second of the clock each piece came. */
function watch(response: Response, clock: FakeClock) {
  const startedAt = clock.now();
  const pieces: { at: number; text: string }[] = [];
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const ended = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return pieces.map(({ text }) => text).join("");
      pieces.push({ at: (clock.now() - startedAt) / 1000, text: new TextDecoder().decode(value) });
    }
  })();
  return { pieces, ended, hangUp: () => reader.cancel() };
}

const wait = (clock: FakeClock, ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));

/** So many turns of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}

export function replyPromises(): void {
  test.each<[string, Reply, object]>([
    ["a string", () => "whole", { reply: "whole" }],
    ["a promise of a string", async () => "whole", { reply: "whole" }],
    ["an object", () => ({ reply: "whole" }), { reply: "whole" }],
    ["an object with metadata", () => ({ reply: "whole", metadata: { a: [1] } }), { reply: "whole", metadata: { a: [1] } }],
    [
      "an async generator",
      async function* () {
        yield "wh";
        yield "ole";
      },
      { reply: "whole" },
    ],
    [
      "a promise of an async iterable",
      async () =>
        (async function* () {
          yield "whole";
        })(),
      { reply: "whole" },
    ],
    ["an empty generator", async function* () {}, { reply: "" }],
  ])("%s is answered on / as JSON and on /stream as events", async (_, reply, json) => {
    const { ask, clock } = webhook(reply);
    expect(await (await ask("/")).json()).toEqual(json);
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(200);
    const text = await stream.ended;
    const { reply: whole } = json as { reply: string };
    expect(readAsDashboard([new TextEncoder().encode(text)])).toEqual({ text: whole, done: { status: "completed" } });
  });

  test("U+0000 and lone surrogates never leave, not in metadata either; a pair cut between two pieces stays whole", async () => {
    const pieces = ["a\ud83d", "\ude00b\0", "\ud800", "c\udc00", "\ud83d"];
    const clean = "a😀b\ufffdc\ufffd\ufffd";
    const { ask, clock } = webhook(async function* () {
      yield* pieces;
    });
    expect(await (await ask("/")).json()).toEqual({ reply: clean });
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(200);
    expect(readAsDashboard([new TextEncoder().encode(await stream.ended)]).text).toBe(clean);
    const meta = webhook(() => ({ reply: "\0x", metadata: { "k\ud800\0": "v\0\udfff", "\\u0000": "\\ud800" } }));
    expect(await (await meta.ask("/")).json()).toEqual({
      reply: "x",
      metadata: { "k\ufffd": "v\ufffd", "\\u0000": "\\ud800" },
    });
  });

  test.each<[string, Reply]>([
    [
      "throws",
      () => {
        throw new Error("password 4242");
      },
    ],
    [
      "rejects",
      async () => {
        throw new Error("password 4242");
      },
    ],
    [
      "throws half way",
      async function* () {
        yield "x";
        throw new Error("password 4242");
      },
    ],
    [
      "throws what is no error",
      async () => {
        throw "password 4242";
      },
    ],
    [
      "throws what cannot become a string",
      async () => {
        throw Object.create(null);
      },
    ],
    ["gives a number", (() => 42) as unknown as Reply],
    ["gives nothing", (() => undefined) as unknown as Reply],
    ["gives a reply of null", (() => ({ reply: null })) as unknown as Reply],
    ["gives metadata that is text", (() => ({ reply: "x", metadata: "text" })) as unknown as Reply],
    ["gives metadata that JSON makes text", (() => ({ reply: "x", metadata: new Date(0) })) as unknown as Reply],
    [
      "yields a number",
      async function* () {
        yield 5 as unknown as string;
      },
    ],
    [
      "gives metadata that JSON cannot say",
      () => {
        const loop: Record<string, unknown> = {};
        loop.loop = loop;
        return { reply: "x", metadata: loop };
      },
    ],
  ])("logic that %s is 500 reply_failed on /, and the fallback text on /stream; only the log knows why", async (_, reply) => {
    const { ask, log, clock } = webhook(reply);
    const answer = await ask("/");
    const problem = (await answer.json()) as { code: string; request_id: string };
    expect([answer.status, problem.code]).toEqual([500, "reply_failed"]);
    expect(JSON.stringify(problem)).not.toContain("password");
    const failure = log.find(({ event, request_id }) => event === "reply" && request_id === problem.request_id);
    expect(failure).toMatchObject({
      level: "error",
      code: "reply_failed",
      message: expect.stringMatching(/4242|must|circular|cannot be shown/i),
    });

    const stream = watch(await ask("/stream"), clock);
    await clock.advance(200);
    const text = await stream.ended;
    expect(text).not.toMatch(/password|event: error/);
    const read = readAsDashboard([new TextEncoder().encode(text)]);
    expect(read.text.replace(/^x\n\n/, "")).toBe(FALLBACK);
    expect(read.done).toEqual({ status: "completed" });
  });

  test("pieces of which nothing may leave do not put off a heartbeat", async () => {
    const { ask, clock } = webhook(async function* () {
      for (const piece of ["\0", "\0\0", "\0", "\ud83d", "\ude00"]) {
        await wait(clock, 4000);
        yield piece;
      }
    });
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(21_000);
    expect(readAsDashboard([new TextEncoder().encode(await stream.ended)]).text).toBe("😀");
    const silences = stream.pieces.map(({ at }, index) => at - (stream.pieces[index - 1]?.at ?? 0));
    expect(Math.max(...silences)).toBeLessThanOrEqual(5);
  });

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

  test("on / a reply after 20 s is answered whole, with a byte at least every 5 s", async () => {
    const { ask, clock, log } = webhook(async () => {
      await wait(clock, 20_000);
      return "late";
    });
    const asked = ask("/");
    await clock.advance(5000);
    const answer = await asked;
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "application/json; charset=utf-8"]);
    const body = watch(answer, clock);
    await clock.advance(20_000);
    expect(JSON.parse(await body.ended)).toEqual({ reply: "late" });
    expect(body.pieces.map(({ at }) => at)).toEqual([0, 5, 10, 15]);
    expect(log.filter(({ event }) => event === "request")).toMatchObject([{ status: 200, ms: 20_000 }]);
  });

  test.each<[string, Reply, string]>([
    [
      "fails",
      async ({ timeLeft, signal }) => {
        await new Promise((r) => signal.addEventListener("abort", r));
        return `${timeLeft()}`;
      },
      "reply_timeout",
    ],
  ])("on / logic that %s after the 200 is out can only be the fallback text, with its code", async (_, reply, code) => {
    const { ask, clock } = webhook(reply);
    const asked = ask("/");
    await clock.advance(5000);
    const body = watch(await asked, clock);
    await clock.advance(20_000);
    expect(JSON.parse(await body.ended)).toEqual({ reply: FALLBACK, metadata: { code } });
  });

  test("logic that throws after 7 s on / is the fallback text with reply_failed", async () => {
    const { ask, clock } = webhook(async () => {
      await wait(clock, 7000);
      throw new Error("late");
    });
    const asked = ask("/");
    await clock.advance(5000);
    const body = watch(await asked, clock);
    await clock.advance(5000);
    expect(JSON.parse(await body.ended)).toEqual({ reply: FALLBACK, metadata: { code: "reply_failed" } });
  });

  test("a budget under 5 s is 504 reply_timeout on /, the signal fires and the generator's finally runs", async () => {
    const seen: string[] = [];
    const { ask, clock } = webhook(
      async function* ({ signal, timeLeft }) {
        seen.push(`${timeLeft()} ms left`);
        signal.addEventListener("abort", () => seen.push("aborted"));
        try {
          yield "x";
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          yield "y";
        } finally {
          seen.push("finally");
        }
      },
      { REPLY_TIMEOUT_MS: "3000" },
    );
    const asked = ask("/");
    await clock.advance(3000);
    const answer = await asked;
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([504, "reply_timeout"]);
    await clock.advance(10);
    expect(seen).toEqual(["3000 ms left", "aborted", "finally"]);
  });

  test("on /stream silence is filled with comments at least every 5 s, and the budget ends it with the fallback text", async () => {
    const { ask, clock } = webhook(async function* ({ signal }) {
      yield "begin";
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    });
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(26_000);
    const text = await stream.ended;
    expect(readAsDashboard([new TextEncoder().encode(text)])).toEqual({
      text: `begin\n\n${FALLBACK}`,
      done: { status: "completed" },
    });
    const times = stream.pieces.map(({ at }) => at);
    for (const [index, at] of times.entries()) expect(at - (times[index - 1] ?? 0)).toBeLessThanOrEqual(5);
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
    let isOver = false;
    const ended = stream.ended.finally(() => {
      isOver = true;
    });
    while (!isOver) await clock.advance(4);
    expect(readAsDashboard([new TextEncoder().encode(await ended)]).text.length).toBe(200_000);
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

  test("a long reply that is still being sent when its time is up ends with the fallback text and done", async () => {
    const { ask, clock, log } = webhook(() => "x".repeat(2_000_000), { REPLY_TIMEOUT_MS: "1000" });
    const stream = watch(await ask("/stream"), clock);
    const { ended } = stream;
    let isOver = false;
    ended.finally(() => {
      isOver = true;
    });
    while (!isOver) await clock.advance(20);
    const { text, done } = readAsDashboard([new TextEncoder().encode(await ended)]);
    expect(text).toMatch(/^x{100000,}\n\nSomething went wrong here\.$/);
    expect(done).toEqual({ status: "completed" });
    expect(stream.pieces.at(-1)?.at).toBeLessThan(1.3);
    expect(log).toContainEqual(expect.objectContaining({ event: "request", status: 200, code: "reply_timeout" }));
  });

  test("a reply that was whole when its time was up is answered whole on /", async () => {
    const { ask, clock } = webhook(async () => {
      await wait(clock, 25_000);
      return "in the last moment";
    });
    const asked = ask("/");
    await clock.advance(5000);
    const body = watch(await asked, clock);
    await clock.advance(60_000);
    expect(JSON.parse(await body.ended)).toEqual({ reply: "in the last moment" });
  });

  test.each<[string, Reply]>([
    ["a text that is still being sent", () => "x".repeat(2_000_000)],
    ["logic under way", () => new Promise(() => {})],
  ])("a process that is about to end gives up %s: the fallback text, done, and one record", async (_, reply) => {
    const stopping = new AbortController();
    const { ask, clock, log } = webhook(reply, {}, { stopping: stopping.signal });
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(100);
    stopping.abort();
    await clock.advance(200);
    const { text, done } = readAsDashboard([new TextEncoder().encode(await stream.ended)]);
    expect(text).toMatch(/^(?:x+\n\n)?Something went wrong here\.$/);
    expect(done).toEqual({ status: "completed" });
    expect(log.filter(({ event }) => event === "request")).toMatchObject([{ status: 200, code: "reply_failed" }]);

    // And whoever comes when it has begun to end is told at once; what is ready at once is answered.
    const late = watch(await ask("/stream"), clock);
    await clock.advance(200);
    expect(readAsDashboard([new TextEncoder().encode(await late.ended)]).done).toEqual({ status: "completed" });
    expect((await ask("/")).status).toBe(typeof reply({} as never) === "string" ? 200 : 500);
  });

  test("a failure counts at once, however long the generator takes to clean up", async () => {
    const { ask, clock, log } = webhook(async function* ({ signal }) {
      try {
        yield 5 as unknown as string;
      } finally {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        await new Promise(() => {});
      }
    });
    expect((await ask("/")).status).toBe(500);
    expect(clock.now()).toBe(1_795_458_797_000);
    expect(log.some(({ message }) => message?.includes("must yield strings"))).toBe(true);
  });

  test("who hangs up in the middle of a text that was whole is client_gone in the log, not a clean 200", async () => {
    const { ask, clock, log } = webhook(() => "x".repeat(100_000));
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(20);
    await stream.hangUp();
    await clock.advance(200);
    expect(log.filter(({ event }) => event === "request")).toMatchObject([{ code: "client_gone" }]);
  });

  test("a reply that ended well leaves no timer behind, and its signal has not fired", async () => {
    let seen: AbortSignal | undefined;
    const { ask, clock } = webhook(async ({ signal }) => {
      seen = signal;
      return "x";
    });
    await (await ask("/")).text();
    expect(clock.pending).toBe(0);
    expect(seen?.aborted).toBe(false);
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

  test("a text of 16,777,216 units is the longest that is answered", async () => {
    const { ask } = webhook(() => "x".repeat(16_777_216));
    expect((await ask("/")).status).toBe(200);
    const longer = webhook(() => "x".repeat(16_777_217));
    expect((await longer.ask("/")).status).toBe(500);
    const promised = webhook(async () => ({ reply: "x".repeat(16_777_217) }));
    expect((await promised.ask("/")).status).toBe(500);
  });

  test("a generator without an end fails instead of filling the memory, and cannot starve its deadline", async () => {
    const endless = webhook(async function* () {
      for (;;) yield "x".repeat(65_536);
    });
    expect((await endless.ask("/")).status).toBe(500);
    const empty = webhook(
      async function* () {
        for (;;) yield "";
      },
      { REPLY_TIMEOUT_MS: "1000" },
    );
    const asked = empty.ask("/");
    await empty.clock.advance(1000);
    expect((await asked).status).toBe(504);
  });
}
