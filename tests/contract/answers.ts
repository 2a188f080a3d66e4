import { describe, expect, test } from "vitest";
import { NIL_THREAD, payload, SMOKE_BODY } from "../support/payload.ts";
import { type Sending, unsigned } from "../support/signing.ts";
import { jsonOf, textOf } from "../support/target.ts";
import { startBeforeAll, type TargetStarter } from "./index.ts";

export function answerPromises(starter: TargetStarter): void {
  describe("answers", () => {
    const target = startBeforeAll(starter, {});
    const post = (body: object, sending: Sending = {}) => target().send(unsigned(JSON.stringify(body), sending));

    test("the main app's own smoke request gets exactly Echo: hello within 2 s", async () => {
      const headers = { "Accept-Encoding": "identity", Connection: "close" };
      const startedAt = performance.now();
      const answer = await target().send(unsigned(SMOKE_BODY, { headers }));
      expect(performance.now() - startedAt).toBeLessThan(2000);
      expect([answer.status, textOf(answer)]).toEqual([200, '{"reply":"Echo: hello"}']);
    });

    test("a JSON answer has the content type of JSON in UTF-8", async () => {
      const answer = await post(payload("café 😀"));
      expect(answer.headers.get("content-type")).toBe("application/json; charset=utf-8");
      expect(jsonOf(answer)).toEqual({ reply: "Echo: café 😀" });
    });

    test.concurrent.each([
      ["/", undefined, "json"],
      ["/", "*/*", "json"],
      ["/", "text/event-stream", "stream"],
      ["/", "text/event-stream;q=0.5", "stream"],
      ["/", "text/event-stream;q=0", "json"],
      ["/", "text/event-stream; v=0; q=0.5", "stream"],
      ["/", "text/event-stream; v=1; q=0", "json"],
      ["/", "application/json, text/event-stream", "json"],
      ["/stream", undefined, "stream"],
      ["/stream", "*/*", "stream"],
      ["/stream", "application/json", "json"],
      ["/stream", "Application/JSON;q=0.9", "json"],
      ["/stream", "application/json;q=0", "stream"],
      ["/stream", "application/json, text/event-stream", "stream"],
      ["/stream", "application/json, text/event-stream;q=0", "json"],
    ])("POST %s with Accept %s answers with %s", async (path, accept, form) => {
      const answer = await post(payload("hi"), { path, headers: { Accept: accept ?? null } });
      expect(answer.status).toBe(200);
      const type = form === "json" ? "application/json; charset=utf-8" : "text/event-stream; charset=utf-8";
      expect(answer.headers.get("content-type")).toBe(type);
    });

    test("the dashboard's Test button gets JSON on /stream too, unless it names an event stream", async () => {
      const body = payload("hi", NIL_THREAD);
      expect(jsonOf(await post(body, { path: "/stream" }))).toEqual({ reply: "Echo: hi" });
      const named = await post(body, { path: "/stream", headers: { Accept: "text/event-stream" } });
      expect(named.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
    });

    test.each([
      ["empty content", payload("")],
      ["the fallback payload", { ...payload("hi"), app: { id: "a", name: "n" }, thread: { id: "t", customer_id: null } }],
      ["unknown fields at every depth", { ...payload("hi"), x: 1, message: { content: "hi", y: { z: [] } } }],
      ["content_json null, nested, or any value", { ...payload("hi"), message: { content: "hi", content_json: null } }],
      ["40 history entries", payload("hi", { history_tail: Array(40).fill({ role: "user", content: "x", content_json: 5 }) })],
    ])("takes %s", async (_, body) => {
      const answer = await post(body);
      expect([answer.status, jsonOf(answer).reply]).toEqual([
        200,
        `Echo: ${(body as { message: { content: string } }).message.content}`,
      ]);
    });

    test.each(["application/json; charset=utf-8", "application/json ;charset=UTF-8", "Application/JSON"])(
      "takes a content type of %s",
      async (type) => {
        // Netlify's local runtime knows only the lower-case type, and changes the body of any other type.
        if (starter.changesBytes && type !== type.toLowerCase()) return;
        expect((await post(payload("hi"), { headers: { "Content-Type": type } })).status).toBe(200);
      },
    );

    test("takes the last of duplicate keys, keys such as __proto__, and deep nesting", async () => {
      const depth = starter.shallowJson ? 500 : 100_000;
      const deep = `${"[".repeat(depth)}${"]".repeat(depth)}`;
      const text = `{"__proto__":{"a":1},"constructor":1,"toString":2,"event":"x","event":"message_received","app":{"id":"a"},"thread":{"id":"t"},"message":{"content":"first","content":"last","content_json":${deep}}}`;
      const answer = await target().send(unsigned(text));
      expect([answer.status, textOf(answer)]).toEqual([200, '{"reply":"Echo: last"}']);
      expect(jsonOf(await post(payload("after")))).toEqual({ reply: "Echo: after" });
    });

    test("lone surrogates become U+FFFD and U+0000 is removed", async () => {
      const text =
        '{"event":"message_received","app":{"id":"a"},"thread":{"id":"t"},"message":{"content":"a\\ud800b\\udc00c\\ud83d\\ude00d\\u0000e\\\\ud800"}}';
      const json = await target().send(unsigned(text));
      expect(jsonOf(json)).toEqual({ reply: "Echo: a\ufffdb\ufffdc😀de\\ud800" });
      const stream = textOf(await target().send(unsigned(text, { path: "/stream" })));
      expect(stream).toContain('{"text":"Echo: a\\ufffdb\\ufffdc\\ud83d\\ude00de\\\\ud800"}');
    });

    test("50 requests at once get their own replies", async () => {
      const texts = Array.from({ length: 50 }, (_, i) => `message ${i}`);
      const replies = await Promise.all(texts.map(async (text) => jsonOf(await post(payload(text))).reply));
      expect(replies).toEqual(texts.map((text) => `Echo: ${text}`));
    });
  });
}
