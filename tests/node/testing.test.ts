import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { defineReply } from "../../shared/define-reply.ts";
import { echo } from "../../shared/replies/echo.ts";
import type { Reply, ReplyContext } from "../../shared/reply-types.ts";
import { replyTo, TestClock } from "../../shared/testing.ts";

describe("replyTo", () => {
  test("needs nothing but a message", async () => {
    const { text, pieces, metadata, log } = await replyTo(echo, { message: "café 😀" });
    expect([text, metadata]).toEqual(["Echo: café 😀", undefined]);
    expect(pieces).toEqual([{ text: "Echo: café 😀", at: expect.any(Number) }]);
    expect(log).toMatchObject([{ event: "request", route: "/stream", status: 200 }]);
    const tested = await replyTo(echo, { message: "by the Test button", threadId: "00000000-0000-0000-0000-000000000000" });
    expect(tested.text).toBe("Echo: by the Test button");
  });

  test("gives the reply all that a message has", async () => {
    let seen: ReplyContext | undefined;
    const history = [
      { role: "assistant", content: "Welcome" },
      { role: "user", content: "Hi" },
    ];
    await replyTo(
      (context) => {
        seen = context;
        return "";
      },
      { message: "and now?", history, customerId: "c", threadId: "t", appId: "a", env: { KEY: "k", WEBHOOK_SECRET: "s" } },
    );
    expect(seen).toMatchObject({
      app: { id: "a" },
      thread: { id: "t", customer_id: "c" },
      message: { content: "and now?", seq: 3, role: "user", id: expect.any(String) },
      history_tail: [...history, { role: "user", content: "and now?" }],
      env: { KEY: "k", WEBHOOK_SECRET: "s" },
      requestId: expect.stringMatching(/^[\da-f-]{36}$/),
    });
    expect(seen?.timeLeft()).toBeGreaterThan(0);
  });

  test("gives the reply real ids and a customer, if the test names none", async () => {
    const shown = ({ app, thread, message }: ReplyContext) => JSON.stringify({ app, thread, message });
    const uuid = expect.stringMatching(/^[\da-f-]{36}$/);
    expect(JSON.parse((await replyTo(shown, { message: "?" })).text)).toEqual({
      app: { id: uuid },
      thread: { id: uuid, customer_id: "test-customer" },
      message: { id: uuid, seq: 1, role: "user", content: "?" },
    });
  });

  test("takes the fields of the message too", async () => {
    const reply = ({ message }: ReplyContext) => JSON.stringify([message.seq, message.content_json]);
    const { text } = await replyTo(reply, { message: { content: "hi", seq: 7, content_json: { a: 1 } } });
    expect(text).toBe('[7,{"a":1}]');
  });

  test("gives the metadata of a reply", async () => {
    const { text, metadata } = await replyTo(() => ({ reply: "yes", metadata: { source: "rules" } }), { message: "?" });
    expect([text, metadata]).toEqual(["yes", { source: "rules" }]);
  });

  test("gives each piece with its time, by a clock that the test moves", async () => {
    const clock = new TestClock();
    const wait = (ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));
    async function* slow() {
      yield "One ";
      await wait(12_000);
      yield "two";
    }
    const { pieces, text } = await clock.advanceUntil(replyTo(slow, { message: "?", clock }), 100);
    expect(text).toBe("One two");
    expect(pieces).toEqual([
      { text: "One ", at: 0 },
      { text: "two", at: 12_000 },
    ]);
  });

  test("shows a reply that fails as the user and the log see it", async () => {
    const fail = () => {
      throw new Error("no such order");
    };
    const { text, log } = await replyTo(fail, { message: "?", env: { FALLBACK_REPLY: "Sorry." } });
    expect(text).toBe("Sorry.");
    expect(log).toContainEqual(
      expect.objectContaining({ code: "reply_failed", message: expect.stringContaining("no such order") }),
    );
  });

  test("says so if a reply is nothing", async () => {
    const { log } = await replyTo((() => undefined) as unknown as Reply, { message: "?" });
    expect(log.map(({ message }) => message).join()).toContain("the reply must be a string");
  });

  test("ends a reply that takes too long", async () => {
    const clock = new TestClock();
    const asked = replyTo(() => new Promise<string>(() => {}), { message: "?", clock, env: { REPLY_TIMEOUT_MS: "9000" } });
    const { pieces, log } = await clock.advanceUntil(asked, 100);
    expect(pieces.map(({ at }) => at)).toEqual([9000]);
    expect(log).toContainEqual(expect.objectContaining({ event: "request", code: "reply_timeout" }));
  });

  test("checks what the reply needs", async () => {
    const needs = v.object({ SHOP: v.string(), KEY: v.string() });
    const reply = defineReply({ needs, reply: ({ env }) => `Welcome to ${env.SHOP}` });
    expect((await replyTo(reply, { message: "?", env: { SHOP: "Acme", KEY: "k" } })).text).toBe("Welcome to Acme");
    const { log } = await replyTo(reply, { message: "?" });
    expect(log[1]?.message ?? log[0]?.message).toContain(
      "The reply needs SHOP, which is not set. The reply needs KEY, which is not set.",
    );
  });

  test("says what is wrong with a message that the webhook would refuse", async () => {
    await expect(replyTo(echo, { message: "?", threadId: "" })).rejects.toThrow("#/thread/id");
  });
});
