import { describe, expect, test } from "vitest";
import { payload } from "../support/payload.ts";
import { type Sending, signedRequest, unsigned } from "../support/signing.ts";
import { jsonOf, textOf } from "../support/target.ts";
import { startBeforeAll, type TargetStarter } from "./index.ts";
import { SECRET, SIGNED } from "./signature.ts";

const MIB = 1_048_576;
const MISMATCH = [401, "signature_mismatch", undefined];

export function badInputPromises(starter: TargetStarter): void {
  describe("bad input", () => {
    const target = startBeforeAll(starter, SIGNED);
    const send = async (body: string | Uint8Array<ArrayBuffer>, sending: Sending = {}) =>
      target().send(await signedRequest(SECRET, target().now(), body, sending));
    const refusal = async (body: string | Uint8Array<ArrayBuffer>, sending?: Sending) => {
      const answer = await send(body, sending);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      const problem = jsonOf(answer);
      expect(Object.keys(problem).slice(0, 2)).toEqual(["code", "detail"]);
      expect(textOf(answer).indexOf(problem.detail) + problem.detail.length).toBeLessThanOrEqual(200);
      expect(problem).toMatchObject({ status: answer.status, title: expect.any(String), type: "about:blank" });
      return [answer.status, problem.code, problem.errors];
    };

    test.each([
      ["nothing", ""],
      ["half a value", '{"event":'],
      ["two values", "{}{}"],
      ["NaN", "NaN"],
      ["a trailing comma", '{"event":"message_received",}'],
      ["a raw control character in a string", '{"event":"a\nb"}'],
      ["an escape that JSON does not have", '{"event":"\\é"}'],
      ["a byte order mark", `\ufeff${JSON.stringify(payload("hi"))}`],
    ])("%s is 400 body_not_json", async (_, body) => {
      expect(await refusal(body)).toEqual([400, "body_not_json", undefined]);
    });

    test.each([
      ["a stray byte", [0x7b, 0xff, 0x7d]],
      ["an overlong form", [0x22, 0xc0, 0xaf, 0x22]],
      ["an encoded surrogate", [0x22, 0xed, 0xa0, 0x80, 0x22]],
      ["a cut character", [0x22, 0xe2, 0x82, 0x22]],
    ])("%s is 400 body_not_utf8", async (_, bytes) => {
      const answer = await refusal(Uint8Array.from(bytes));
      expect(answer).toEqual(starter.changesBytes ? MISMATCH : [400, "body_not_utf8", undefined]);
    });

    test.each(["null", "5", '"text"', "true", "[]", "[{}]"])("a top level of %s is 422 payload_invalid", async (body) => {
      expect(await refusal(body)).toEqual([422, "payload_invalid", [{ detail: "must be an object", pointer: "#" }]]);
    });

    test("every wrong field is listed with its pointer", async () => {
      const body = {
        event: "message_received",
        app: { id: "", name: 5 },
        thread: {},
        message: { content: 7, seq: 1.5 },
        history_tail: [{ role: "user", content: "x" }, { role: 1 }],
      };
      expect(await refusal(JSON.stringify(body))).toEqual([
        422,
        "payload_invalid",
        [
          { detail: "must not be empty", pointer: "#/app/id" },
          { detail: "must be a string", pointer: "#/app/name" },
          { detail: "is required", pointer: "#/thread/id" },
          { detail: "must be an integer", pointer: "#/message/seq" },
          { detail: "must be a string", pointer: "#/message/content" },
          { detail: "must be a string", pointer: "#/history_tail/1/role" },
          { detail: "is required", pointer: "#/history_tail/1/content" },
        ],
      ]);
    });

    test("a value of another kind is named by what must stand there", async () => {
      const body = { ...payload("hi"), app: 5, thread: "t1", message: true, history_tail: [7] };
      expect(await refusal(JSON.stringify(body))).toEqual([
        422,
        "payload_invalid",
        ["#/app", "#/thread", "#/message", "#/history_tail/0"].map((pointer) => ({ detail: "must be an object", pointer })),
      ]);
      const numbers = { ...payload("hi"), message: { content: "hi", seq: "7" }, history_tail: {} };
      expect(await refusal(JSON.stringify(numbers))).toEqual([
        422,
        "payload_invalid",
        [
          { detail: "must be an integer", pointer: "#/message/seq" },
          { detail: "must be a list", pointer: "#/history_tail" },
        ],
      ]);
    });

    test("a list in place of an object is one error", async () => {
      const body = { ...payload("hi"), app: [], thread: ["t1"], message: [{}], history_tail: [[]] };
      expect(await refusal(JSON.stringify(body))).toEqual([
        422,
        "payload_invalid",
        ["#/app", "#/thread", "#/message", "#/history_tail/0"].map((pointer) => ({ detail: "must be an object", pointer })),
      ]);
    });

    test("a missing event is 422 payload_invalid, another event is 422 event_unsupported", async () => {
      expect(await refusal("{}")).toMatchObject([
        422,
        "payload_invalid",
        [{ detail: "is required", pointer: "#/event" }, {}, {}, {}],
      ]);
      expect(await refusal('{"event":"message_deleted"}')).toEqual([422, "event_unsupported", undefined]);
      expect(await refusal('{"event":5}')).toMatchObject([
        422,
        "payload_invalid",
        [{ detail: "must be message_received" }, {}, {}, {}],
      ]);
    });

    test.each([null, "", "text/plain", "application/jsonp", "application/json-patch+json", "multipart/form-data"])(
      "a content type of %s is 415",
      async (type) => {
        expect(await refusal("{}", { headers: { "Content-Type": type } })).toEqual([
          415,
          "content_type_unsupported",
          undefined,
        ]);
      },
    );

    test("a body of exactly 1 MiB is taken; one byte more is 413", async () => {
      const rest = JSON.stringify(payload("")).length;
      const body = JSON.stringify(payload("x".repeat(MIB - rest)));
      expect(body.length).toBe(MIB);
      expect((await send(body)).status).toBe(200);
      expect(await refusal(`${body} `)).toEqual([413, "body_too_large", undefined]);
    });

    test("refusals come in the order 404, 405, 415, 413, 401, 400, 422", async () => {
      const big = "x".repeat(MIB + 1);
      const noSignature = { "X-Signature": null, "X-Timestamp": null };
      const plain = { "Content-Type": "text/plain", ...noSignature };
      expect((await refusal(big, { path: "/nothing", headers: plain }))[0]).toBe(404);
      expect((await refusal(big, { method: "PUT", headers: plain }))[0]).toBe(405);
      expect((await refusal(big, { headers: plain }))[0]).toBe(415);
      expect((await refusal(big, { headers: noSignature }))[0]).toBe(413);
      expect((await refusal("not json", { headers: noSignature }))[0]).toBe(401);
      expect((await refusal("not json"))[0]).toBe(400);
    });

    test("an error repeats nothing that the caller sent", async () => {
      const answer = await send('{"event":"message_received","app":{"id":5,"stolen":"card 4242"},"thread":{"id":"card 4242"}}');
      expect(textOf(answer)).not.toContain("4242");
    });

    test("a good message is answered after all of this", async () => {
      expect(jsonOf(await send(JSON.stringify(payload("still here"))))).toEqual({ reply: "Echo: still here" });
    });

    test("a wrong content type is refused before the signature is checked", async () => {
      const answer = await target().send(unsigned("{}", { headers: { "Content-Type": "text/plain" } }));
      expect(answer.status).toBe(415);
    });
  });
}
