import { expect, test } from "vitest";
import type { Reply } from "../../shared/reply-types.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { FALLBACK, watch, webhook } from "../support/replying.ts";

export function replyShapePromises(): void {
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
    const { ask, clock, log } = webhook(reply);
    expect(await (await ask("/")).json()).toEqual(json);
    expect(log.filter(({ event }) => event === "reply")).toEqual([]);
    const stream = watch(await ask("/stream"), clock);
    await clock.advance(200);
    const text = await stream.ended;
    const { reply: whole } = json as { reply: string };
    expect(readAsDashboard([new TextEncoder().encode(text)])).toEqual({ text: whole, done: { status: "completed" } });
  });

  test("U+0000 and lone surrogates are never sent, not even in metadata; a pair split over two pieces is joined", async () => {
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

  const cyclic: Record<string, unknown> = {};
  cyclic.itself = cyclic;
  test.each<[string, unknown, RegExp]>([
    ["null", null, /it is not an object$/],
    ["a list", [1], /it is not an object$/],
    ["a text", "text", /it is not an object$/],
    ["cyclic", cyclic, /circular/],
    ["a function", () => {}, /JSON/],
    ["a BigInt", { big: 1n }, /BigInt/],
  ])("metadata that is %s is dropped and logged, and the text arrives", async (_, metadata, why) => {
    const { ask, log } = webhook(() => ({ reply: "kept", metadata }) as { reply: string });
    expect(await (await ask("/")).json()).toEqual({ reply: "kept" });
    const dropped = { level: "warn", event: "reply", code: "metadata_dropped", message: expect.stringMatching(why) };
    expect(log.filter(({ event }) => event !== "setting")).toMatchObject([dropped, { status: 200 }]);
  });

  test("an iterator without return() is read, and nothing is logged", async () => {
    const pieces = ["whole"];
    const next = async () => ({ done: pieces.length === 0, value: pieces.pop() ?? "" });
    const { ask, log } = webhook(() => ({ [Symbol.asyncIterator]: () => ({ next }) }));
    expect(await (await ask("/")).json()).toEqual({ reply: "whole" });
    expect(log.filter(({ event }) => event === "reply")).toEqual([]);
  });

  test("an iterator that fails in return() is logged, and its text arrives", async () => {
    const pieces = ["whole"];
    const iterator = {
      [Symbol.asyncIterator]: () => iterator,
      next: async () => ({ done: pieces.length === 0, value: pieces.pop() ?? "" }),
      return: async () => {
        throw new Error("cannot close");
      },
    };
    const { ask, log } = webhook(() => iterator as AsyncIterable<string>);
    expect(await (await ask("/")).json()).toEqual({ reply: "whole" });
    expect(log).toContainEqual(
      expect.objectContaining({ level: "warn", code: "cleanup_failed", message: expect.stringContaining("cannot close") }),
    );
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
      "throws a string",
      async () => {
        throw "password 4242";
      },
    ],
    [
      "throws a value that cannot become a string",
      async () => {
        throw Object.create(null);
      },
    ],
    ["returns a number", (() => 42) as unknown as Reply],
    ["returns nothing", (() => undefined) as unknown as Reply],
    ["returns a reply of null", (() => ({ reply: null })) as unknown as Reply],
    [
      "yields a number",
      async function* () {
        yield 5 as unknown as string;
      },
    ],
  ])("logic that %s is 500 reply_failed on /, and the fallback text on /stream; only the log says why", async (_, reply) => {
    const { ask, log, clock } = webhook(reply);
    const answer = await ask("/");
    const problem = (await answer.json()) as { code: string; request_id: string };
    expect([answer.status, problem.code]).toEqual([500, "reply_failed"]);
    expect(JSON.stringify(problem)).not.toContain("password");
    const failure = log.find(({ event, request_id }) => event === "reply" && request_id === problem.request_id);
    expect(failure).toMatchObject({
      level: "error",
      code: "reply_failed",
      message: expect.stringMatching(/4242|must|circular|cannot be shown|a thrown object/i),
    });

    const stream = watch(await ask("/stream"), clock);
    await clock.advance(200);
    const text = await stream.ended;
    expect(text).not.toMatch(/password|event: error/);
    const read = readAsDashboard([new TextEncoder().encode(text)]);
    expect(read.text.replace(/^x\n\n/, "")).toBe(FALLBACK);
    expect(read.done).toEqual({ status: "completed" });
  });

  test("a failure is answered at once, however long the generator takes to clean up", async () => {
    const { ask, clock, log } = webhook(async function* ({ signal }) {
      try {
        yield 5 as unknown as string;
      } finally {
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        await new Promise(() => {});
      }
    });
    expect((await ask("/")).status).toBe(500);
    expect(clock.uptime()).toBe(1_795_458_797_000);
    expect(log.some(({ message }) => message?.includes("must yield strings"))).toBe(true);
  });

  test("the longest reply has 16,777,216 UTF-16 units", async () => {
    const { ask } = webhook(() => "x".repeat(16_777_216));
    expect((await ask("/")).status).toBe(200);
    const longer = webhook(() => "x".repeat(16_777_217));
    expect((await longer.ask("/")).status).toBe(500);
    const failure = longer.log.find(({ code, event }) => event === "reply" && code === "reply_failed");
    expect(failure?.message).toContain("the reply is longer than 16777216 characters");
    const promised = webhook(async () => ({ reply: "x".repeat(16_777_217) }));
    expect((await promised.ask("/")).status).toBe(500);
  });

  test("an endless generator fails instead of filling the memory, and cannot block its deadline", async () => {
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
