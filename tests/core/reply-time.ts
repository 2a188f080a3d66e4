import { expect, test } from "vitest";
import { answerJson } from "../../shared/answer/json.ts";
import { ReplyRun } from "../../shared/answer/reply-run.ts";
import { answerStream } from "../../shared/answer/stream.ts";
import { Exchange } from "../../shared/exchange.ts";
import type { Reply } from "../../shared/reply-types.ts";
import { TestClock } from "../../shared/test-clock.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { FALLBACK, wait, watch, webhook } from "../support/replying.ts";

/** A run of a reply with a budget of a minute. */
function runOf(reply: Reply) {
  const clock = new TestClock();
  const exchange = new Exchange("POST", "/", clock, () => {});
  return { clock, run: new ReplyRun(reply, {} as never, { budgetMs: 60_000, startedAt: clock.uptime() }, clock, exchange) };
}

export function replyTimePromises(): void {
  test("on / a reply after 20 s is sent completely, with a byte at least every 5 s", async () => {
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
      "uses up its budget",
      async ({ timeLeft, signal }) => {
        await new Promise((r) => signal.addEventListener("abort", r));
        return `${timeLeft()}`;
      },
      "reply_timeout",
    ],
  ])("on / logic that %s after the 200 was sent is the fallback text, with its code", async (_, reply, code) => {
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

  test("on / a budget under 5 s that is used up is 504 reply_timeout; the signal fires and the generator's finally runs", async () => {
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

  test("on /stream a comment comes at least every 5 s of silence, and the end of the budget is the fallback text", async () => {
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

  test("pieces of which nothing is left after cleaning do not delay a heartbeat", async () => {
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

  test("on / a reply that is complete at the end of its budget is sent completely", async () => {
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

  test("a long reply that is still being sent at the end of its budget ends with the fallback text and done", async () => {
    const { ask, clock, log } = webhook(() => "x".repeat(2_000_000), { REPLY_TIMEOUT_MS: "1000" });
    const stream = watch(await ask("/stream"), clock);
    const ended = await clock.advanceUntil(stream.ended, 20);
    const { text, done } = readAsDashboard([new TextEncoder().encode(ended)]);
    expect(text).toMatch(/^x{100000,}\n\nSomething went wrong here\.$/);
    expect(done).toEqual({ status: "completed" });
    expect(stream.pieces.at(-1)?.at).toBeLessThan(1.3);
    expect(log).toContainEqual(expect.objectContaining({ event: "request", status: 200, code: "reply_timeout" }));
  });

  test.each<[string, Reply]>([
    ["a text that is still being sent", () => "x".repeat(2_000_000)],
    ["logic in progress", () => new Promise(() => {})],
  ])("a process that is about to end stops %s: the fallback text, done, and one log record", async (_, reply) => {
    const stopping = new AbortController();
    const { ask, clock, log, background } = webhook(reply, {}, { stopping: stopping.signal });
    const stream = watch(await ask("/stream"), clock);
    // Such a process needs no background work: it drops nothing before it stops.
    expect(background).toEqual([]);
    await clock.advance(100);
    stopping.abort();
    await clock.advance(200);
    const { text, done } = readAsDashboard([new TextEncoder().encode(await stream.ended)]);
    expect(text).toMatch(/^(?:x+\n\n)?Something went wrong here\.$/);
    expect(done).toEqual({ status: "completed" });
    expect(log.filter(({ event }) => event === "request")).toMatchObject([{ status: 200, code: "reply_failed" }]);

    // A request after that gets the fallback text at once, unless its reply is ready at once.
    const late = watch(await ask("/stream"), clock);
    await clock.advance(200);
    expect(readAsDashboard([new TextEncoder().encode(await late.ended)]).done).toEqual({ status: "completed" });
    expect((await ask("/")).status).toBe(typeof reply({} as never) === "string" ? 200 : 500);
  });

  test("the first reason to end a reply counts, and none once it was read", async () => {
    const { run, clock } = runOf(() => new Promise(() => {}));
    run.end("reply_timeout", "first");
    run.end("reply_failed", "second");
    expect([run.failure, clock.pending]).toEqual([{ code: "reply_timeout", error: "first" }, 0]);
    const complete = runOf(() => "whole");
    expect(complete.run.readPiece((unread) => unread.length)).toBe("whole");
    complete.run.end("client_gone");
    expect(complete.run.failure).toBeUndefined();
  });

  test("text that is read at the very end of the budget is sent, and none after that", async () => {
    const { run, clock } = runOf(() => "whole");
    await clock.advance(60_000);
    expect(run.readPiece(() => 3)).toBe("who");
    await clock.advance(1);
    expect([run.readPiece(() => 3), run.failure?.code]).toEqual(["", "reply_timeout"]);
  });

  test("a reply is deferred when its time is over, not only when the next space is due", async () => {
    const { run, clock } = runOf(() => new Promise(() => {}));
    const tools = { clock, fallbackReply: FALLBACK, requestId: "1", waitUntil: () => {} };
    const deferral = { afterMs: 7000, reply: "Wait.", store: async () => undefined };
    const asked = answerJson(run, tools, deferral);
    await clock.advance(5000);
    const body = watch((await asked).response, clock);
    await clock.advance(2000);
    expect(body.pieces).toEqual([
      { at: 0, text: " " },
      { at: 2, text: '{"reply":"Wait.","metadata":{"code":"deferred"}}' },
    ]);
  });

  test("a comment comes after 5 s of silence while a reply is being stored, and a long fallback text is split", async () => {
    const { run, clock } = runOf(async () => {
      throw new Error("no");
    });
    const stored = Promise.withResolvers<undefined>();
    const tools = { clock, fallbackReply: "x".repeat(1500), requestId: "1", store: () => stored.promise, waitUntil: () => {} };
    const body = watch(answerStream(run, tools).response, clock);
    await clock.advance(12_000);
    stored.resolve(undefined);
    await clock.advance(10);
    expect(body.pieces.map(({ at }) => at)).toEqual([0, 0, 0, 5, 10, 12]);
    expect(Math.max(...body.pieces.map(({ text }) => text.length))).toBe(1024);
  });

  test("a deferred reply gets 5 s more when the process is told to stop", async () => {
    const { run, clock } = runOf(() => new Promise(() => {}));
    run.isDeferred = true;
    run.hangUp();
    run.shutDown();
    await clock.advance(4999);
    expect(run.failure).toBeUndefined();
    await clock.advance(1);
    expect(run.failure).toEqual({ code: "reply_failed", error: "the webhook was stopped" });
  });

  test("the log says how long a reply had that was not complete in time", async () => {
    const { ask, clock, log } = webhook(() => new Promise(() => {}), { REPLY_TIMEOUT_MS: "1000" });
    expect((await clock.advanceUntil(ask("/"))).status).toBe(504);
    expect(log).toContainEqual(
      expect.objectContaining({ level: "error", code: "reply_timeout", message: "no whole reply in 1000 ms" }),
    );
  });

  test("a reply that ended well leaves no timer, and its signal has not fired", async () => {
    let seen: AbortSignal | undefined;
    const { ask, clock } = webhook(async ({ signal }) => {
      seen = signal;
      return "x";
    });
    await (await ask("/")).text();
    expect(clock.pending).toBe(0);
    expect(seen?.aborted).toBe(false);
    const atOnce = webhook(() => "x");
    await (await atOnce.ask("/")).text();
    expect([atOnce.clock.pending, atOnce.background]).toEqual([0, []]);
  });
}
