import { describe, expect, test } from "vitest";
import type { Reply } from "../../shared/reply-types.ts";
import { FIRST_SEQ } from "../support/main-app.ts";
import { mainAppForEachTest, quickClock } from "../support/storing.ts";

const { mainApp, webhook } = mainAppForEachTest();

describe("with DEFER, on /", () => {
  const slow: Reply = async ({ signal }) => {
    await new Promise((resolve) => quickClock.after(40_000, () => resolve(undefined)));
    return signal.aborted ? "aborted" : "late but here";
  };

  test("a reply past the budget is deferred, and stored after the answer was sent", async () => {
    const { ask, background, log } = webhook(slow, { DEFER: "true", DEFER_REPLY: "Wait.", DEFER_TIMEOUT_MS: "30000" });
    const answer = await ask("/");
    expect(JSON.parse(await answer.text())).toEqual({ reply: "Wait.", metadata: { code: "deferred" } });
    const answeredAt = Date.now();
    expect(mainApp().messages).toEqual([]);
    await Promise.all(background);
    expect(mainApp().messages).toMatchObject([{ content: "late but here" }]);
    expect(mainApp().messages[0]?.createdAt).toBeGreaterThan(answeredAt * 1000);
    expect(log).toContainEqual(expect.objectContaining({ event: "request", status: 200, code: "deferred" }));
  });

  test("it is stored a second after the answer was read, never earlier", async () => {
    const ready = Promise.withResolvers<string>();
    const { ask, background } = webhook(() => ready.promise, { DEFER: "true", REPLY_TIMEOUT_MS: "1000" });
    const reader = (await ask("/")).body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value)).toContain("deferred");
    ready.resolve("late but here");
    // For three seconds of the quick clock, the answer is not read to its end.
    await new Promise<void>((resolve) => quickClock.after(3000, resolve));
    expect(mainApp().messages).toEqual([]);
    expect((await reader?.read())?.done).toBe(true);
    const readAt = Date.now();
    await Promise.all(background);
    expect(mainApp().messages).toMatchObject([{ content: "late but here" }]);
    expect((mainApp().messages[0]?.createdAt ?? 0) / 1000 - readAt).toBeGreaterThanOrEqual(1000 / 20 - 5);
  });

  test("a caller that hangs up after its answer does not stop a deferred reply", async () => {
    const caller = new AbortController();
    const { ask, background } = webhook(slow, { DEFER: "true", REPLY_TIMEOUT_MS: "1000" });
    const answer = await ask("/", { signal: caller.signal });
    await answer.text();
    caller.abort();
    await Promise.all(background);
    expect(mainApp().messages).toMatchObject([{ content: "late but here" }]);
  });

  test("a deferred reply that fails is logged with its request id, and the fallback text is stored", async () => {
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

  test("a deferred reply that fails before its answer was read is logged as one request, one failure, and what was stored", async () => {
    const failing = Promise.withResolvers<string>();
    const { ask, background, log } = webhook(() => failing.promise, { DEFER: "true", REPLY_TIMEOUT_MS: "1000" });
    const reader = (await ask("/")).body?.getReader();
    await reader?.read();
    failing.reject(new Error("boom"));
    await new Promise<void>((resolve) => quickClock.after(200, resolve));
    await reader?.read();
    await Promise.all(background);
    expect(log.map(({ event, code }) => `${event} ${code}`)).toEqual([
      "request deferred",
      "reply reply_failed",
      "reply undefined",
    ]);
    expect(log[2]?.message).toBe(`The reply was stored as message ${FIRST_SEQ} of its thread.`);
  });

  test("after the second budget too, the fallback text is stored", async () => {
    const { ask, background, log } = webhook(slow, { DEFER: "true", DEFER_TIMEOUT_MS: "5000" });
    expect(JSON.parse(await (await ask("/")).text())).toMatchObject({ metadata: { code: "deferred" } });
    await Promise.all(background);
    expect(mainApp().messages).toMatchObject([{ content: "Sorry." }]);
    expect(log).toContainEqual(expect.objectContaining({ level: "error", code: "reply_timeout" }));
  });

  test("a reply past a budget under 5 s is deferred too", async () => {
    const { ask, background } = webhook(slow, { DEFER: "true", REPLY_TIMEOUT_MS: "1000" });
    expect(JSON.parse(await (await ask("/")).text())).toMatchObject({ metadata: { code: "deferred" } });
    await Promise.all(background);
    expect(mainApp().messages).toHaveLength(1);
  });

  test("a reply that takes more than 5 s, but less than its budget, is not deferred", async () => {
    const { ask } = webhook(
      async () => {
        await new Promise<void>((resolve) => quickClock.after(8000, resolve));
        return "in time";
      },
      { DEFER: "true" },
    );
    expect(JSON.parse(await (await ask("/")).text())).toEqual({ reply: "in time" });
  });

  test("a reply in time is not deferred, nor is one for a thread in which nothing can be stored", async () => {
    const quick = webhook(() => "now", { DEFER: "true" });
    expect(await (await quick.ask("/")).json()).toEqual({ reply: "now" });
    const nil = webhook(slow, { DEFER: "true", REPLY_TIMEOUT_MS: "1000" });
    expect((await nil.ask("/", { thread: "00000000-0000-0000-0000-000000000000" })).status).toBe(504);
    expect(mainApp().requests).toEqual([]);
  });
});
