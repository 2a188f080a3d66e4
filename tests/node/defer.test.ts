import { describe, expect, test } from "vitest";
import type { Reply } from "../../shared/reply-types.ts";
import { mainAppForEachTest, quickClock } from "../support/storing.ts";

const { mainApp, webhook } = mainAppForEachTest();

describe("with DEFER, on /", () => {
  const slow: Reply = async ({ signal }) => {
    await new Promise((resolve) => quickClock.after(40_000, () => resolve(undefined)));
    return signal.aborted ? "aborted" : "late but here";
  };

  test("a reply past the budget is deferred, and posted once the answer is out", async () => {
    const { ask, background, log } = webhook(slow, { DEFER: "true", DEFER_REPLY: "Wait.", DEFER_TIMEOUT_MS: "30000" });
    const answer = await ask("/");
    expect(JSON.parse(await answer.text())).toEqual({ reply: "Wait.", metadata: { code: "deferred" } });
    const answeredAt = Date.now();
    expect(mainApp().messages).toEqual([]);
    await Promise.all(background);
    expect(mainApp().messages).toMatchObject([{ content: "late but here" }]);
    expect(mainApp().messages[0]?.at).toBeGreaterThan(answeredAt);
    expect(log).toContainEqual(expect.objectContaining({ event: "request", status: 200, code: "deferred" }));
  });

  test("it is never posted before the answer was read, and then a second later", async () => {
    const ready = Promise.withResolvers<string>();
    const { ask, background } = webhook(() => ready.promise, { DEFER: "true", REPLY_TIMEOUT_MS: "1000" });
    const reader = (await ask("/")).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain("deferred");
    ready.resolve("late but here");
    // Three seconds of the quick clock, in which nobody has read the answer to its end.
    await new Promise<void>((resolve) => quickClock.after(3000, resolve));
    expect(mainApp().messages).toEqual([]);
    expect((await reader?.read())?.done).toBe(true);
    const readAt = Date.now();
    await Promise.all(background);
    expect(mainApp().messages).toMatchObject([{ content: "late but here" }]);
    expect((mainApp().messages[0]?.at ?? 0) - readAt).toBeGreaterThanOrEqual(1000 / 20 - 5);
  });

  test("a caller that hangs up after the put-off answer does not stop it", async () => {
    const caller = new AbortController();
    const { ask, background } = webhook(slow, { DEFER: "true", REPLY_TIMEOUT_MS: "1000" });
    const answer = await ask("/", { signal: caller.signal });
    await answer.text();
    caller.abort();
    await Promise.all(background);
    expect(mainApp().messages).toMatchObject([{ content: "late but here" }]);
  });

  test("a put-off reply that fails is in the log with its request id, and posted as the fallback text", async () => {
    const { ask, background, log } = webhook(
      async () => {
        await new Promise<void>((resolve) => quickClock.after(3000, resolve));
        throw new Error("the database is down");
      },
      { DEFER: "true", REPLY_TIMEOUT_MS: "1000" },
    );
    await (await ask("/")).text();
    await Promise.all(background);
    expect(mainApp().messages).toMatchObject([{ content: "Sorry." }]);
    const { request_id } = log.find(({ event }) => event === "request") ?? {};
    expect(log).toContainEqual(
      expect.objectContaining({
        request_id,
        level: "error",
        code: "reply_failed",
        message: expect.stringContaining("the database is down"),
      }),
    );
  });

  test("a put-off reply that fails before its answer was read to the end is one request and one failure in the log", async () => {
    const failing = Promise.withResolvers<string>();
    const { ask, background, log } = webhook(() => failing.promise, { DEFER: "true", REPLY_TIMEOUT_MS: "1000" });
    const reader = (await ask("/")).body?.getReader();
    await reader?.read();
    failing.reject(new Error("boom"));
    await new Promise<void>((resolve) => quickClock.after(200, resolve));
    await reader?.read();
    await Promise.all(background);
    expect(log.map(({ event, code }) => `${event} ${code}`)).toEqual(["request deferred", "reply reply_failed"]);
  });

  test("a reply past its second limit too is posted as the fallback text", async () => {
    const { ask, background, log } = webhook(slow, { DEFER: "true", DEFER_TIMEOUT_MS: "5000" });
    expect(JSON.parse(await (await ask("/")).text())).toMatchObject({ metadata: { code: "deferred" } });
    await Promise.all(background);
    expect(mainApp().messages).toMatchObject([{ content: "Sorry." }]);
    expect(log).toContainEqual(expect.objectContaining({ level: "error", code: "reply_timeout" }));
  });

  test("a budget under 5 s puts it off just as well", async () => {
    const { ask, background } = webhook(slow, { DEFER: "true", REPLY_TIMEOUT_MS: "1000" });
    expect(JSON.parse(await (await ask("/")).text())).toMatchObject({ metadata: { code: "deferred" } });
    await Promise.all(background);
    expect(mainApp().messages).toHaveLength(1);
  });

  test("a reply in time is answered as ever, and a thread that cannot be posted to defers nothing", async () => {
    const quick = webhook(() => "now", { DEFER: "true" });
    expect(await (await quick.ask("/")).json()).toEqual({ reply: "now" });
    const nil = webhook(slow, { DEFER: "true", REPLY_TIMEOUT_MS: "1000" });
    expect((await nil.ask("/", { thread: "00000000-0000-0000-0000-000000000000" })).status).toBe(504);
    expect(mainApp().requests).toEqual([]);
  });
});
