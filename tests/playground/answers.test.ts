import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { answer, chunks, head, type Steps, startRawWebhook } from "./raw-webhook.ts";
import { mainAppAndWebhook } from "./started.ts";

const { mainApp, webhook, chatWith } = await mainAppAndWebhook();

const INTERNAL = { status: 500, body: { detail: "ERROR_INTERNAL" } };
const MISSING = "Webhook response missing required 'reply' field";
const json = (text: string) => answer(text);
const invalid = (detail: string) => `Invalid JSON response from webhook: ${detail}`;
const NO_VALUE = invalid("Expecting value: line 1 column 1 (char 0)");
const failed = (detail: string) => `Webhook request failed: ${detail}`;
const big = (size: number) => "x".repeat(size);
const gzip = (text: string) => answer(gzipSync(text), { headers: "Content-Encoding: gzip\r\n" });

const REPLY = '{"reply":"a"}';
const RETRY = "Retry-After: 1\r\n";
const ELSEWHERE = "Location: /elsewhere\r\n";
const LATIN_1 = { status: "500 Oops", type: "text/plain; charset=latin-1" };
/** Answers that are not 200, and what `/run` shows of their body. */
const notOk: [name: string, body: string | Uint8Array, options: { status: string; headers?: string }, shown: string][] = [
  ["201", REPLY, { status: "201 Created" }, REPLY],
  ["202", REPLY, { status: "202 Accepted" }, REPLY],
  ["400", REPLY, { status: "400 Bad Request" }, REPLY],
  ["404", REPLY, { status: "404 Not Found" }, REPLY],
  ["500", REPLY, { status: "500 Oops" }, REPLY],
  ["a redirect, which is not followed", "", { status: "307 Temporary Redirect", headers: ELSEWHERE }, ""],
  ["503 with Retry-After, which is not retried", "later", { status: "503 Busy", headers: RETRY }, "later"],
  ["a long error: 200 characters", "😀".repeat(300), { status: "500 Oops" }, "😀".repeat(200)],
  ["an error in Latin-1", Buffer.from("é", "latin1"), LATIN_1, "é"],
];

/** What `/run` makes of an answer: the stored text, an error, or 500. What the Test button shows: ok, or its error after WEBHOOK_TEST_. */
type Row = [name: string, steps: Steps, run: { reply: string } | { error: string } | 500, test: string | 500];
const rows: Row[] = [
  ["a text", json('{"reply":"text"}'), { reply: "text" }, "ok"],
  ["metadata and other keys, which are dropped", json('{"reply":"t","metadata":{"a":1},"b":2}'), { reply: "t" }, "ok"],
  ["null", json('{"reply":null}'), { error: MISSING }, "ok"],
  ["no reply", json('{"text":1}'), { error: MISSING }, "MISSING_REPLY"],
  ["an integer", json('{"reply":42}'), { reply: "42" }, "ok"],
  ["a large integer", json('{"reply":123456789012345678901234567890}'), { reply: "123456789012345678901234567890" }, "ok"],
  ["a float", json('{"reply":1.0}'), { reply: "1.0" }, "ok"],
  ["a large float", json('{"reply":1E22}'), { reply: "1e+22" }, "ok"],
  ["true", json('{"reply":true}'), { reply: "True" }, "ok"],
  ["false", json('{"reply":false}'), { reply: "False" }, "ok"],
  ["an object", json('{"reply":{"a":"é","9":[null,1.50]}}'), { reply: "{'a': 'é', '9': [None, 1.5]}" }, "ok"],
  ["a list", json('{"reply":["a","it\'s"]}'), { reply: `['a', "it's"]` }, "ok"],
  ["an empty text", json('{"reply":""}'), { reply: "" }, "ok"],
  ["spaces", json('{"reply":"  "}'), { reply: "  " }, "ok"],
  ["U+0000", json('{"reply":"a\\u0000"}'), 500, "ok"],
  ["a lone surrogate", json('{"reply":"\\ud83d"}'), 500, 500],
  ["a duplicate key: the last counts", json('{"reply":"a","reply":"b"}'), { reply: "b" }, "ok"],
  ["NaN", json('{"reply":NaN}'), { reply: "nan" }, "ok"],
  ["a list at the top", json('["reply"]'), 500, "CONNECTION_ERROR"],
  ["a string at the top", json('"reply"'), 500, "CONNECTION_ERROR"],
  ["a number at the top", json("1"), 500, "CONNECTION_ERROR"],
  ["null at the top", json("null"), 500, "NOT_JSON"],
  ["no JSON", json("nope"), { error: NO_VALUE }, "NOT_JSON"],
  ["HTML", answer("<html>", { type: "text/html" }), { error: NO_VALUE }, "NOT_JSON"],
  ["an empty body", json(""), { error: NO_VALUE }, "NOT_JSON"],
  ["an event stream", chunks(["event: done\ndata: {}\n\n"]), { error: NO_VALUE }, "NOT_JSON"],
  [
    "JSON with a comma too many",
    json('{"reply":"é",}'),
    { error: invalid("Expecting property name enclosed in double quotes: line 1 column 14 (char 13)") },
    "NOT_JSON",
  ],
  ["JSON and more", json('{"reply":"a"} x'), { error: invalid("Extra data: line 1 column 15 (char 14)") }, "NOT_JSON"],
  ["no Content-Type", answer('{"reply":"a"}', { type: "" }), { reply: "a" }, "ok"],
  ["another Content-Type", answer('{"reply":"a"}', { type: "text/plain" }), { reply: "a" }, "ok"],
  ["UTF-8", json('{"reply":"é😀"}'), { reply: "é😀" }, "ok"],
  ["escapes", json('{"reply":"\\u00e9\\ud83d\\ude00"}'), { reply: "é😀" }, "ok"],
  ["a byte order mark", json('\ufeff{"reply":"a"}'), { reply: "a" }, "ok"],
  ["UTF-16", answer(Buffer.from('\ufeff{"reply":"é"}', "utf16le")), { reply: "é" }, "ok"],
  ["UTF-16 without a mark", answer(Buffer.from('{"reply":"é"}', "utf16le")), { reply: "é" }, "ok"],
  [
    "Latin-1 with its charset",
    answer(Buffer.from('{"reply":"é"}', "latin1"), { type: "application/json; charset=iso-8859-1" }),
    { error: invalid("'utf-8' codec can't decode byte 0xe9 in position 10: invalid continuation byte") },
    "NOT_JSON",
  ],
  ...notOk.map(([name, body, options, shown]): Row => {
    const error = `Webhook returned HTTP ${options.status.slice(0, 3)}: ${shown}`;
    return [name, answer(body, options), { error }, "BAD_STATUS"];
  }),
  ["204", [head({ status: "204 No Content" })], { error: "Webhook returned HTTP 204: " }, "BAD_STATUS"],
  ["chunks", chunks(['{"reply":', '"a"}'], { type: "application/json" }), { reply: "a" }, "ok"],
  ["a body until the connection is closed", [head(), '{"reply":"a"}'], { reply: "a" }, "ok"],
  ["HTTP/1.0", ['HTTP/1.0 200 OK\r\n\r\n{"reply":"a"}'], { reply: "a" }, "ok"],
  ["100 Continue", ["HTTP/1.1 100 Continue\r\n\r\n", ...json('{"reply":"a"}')], { reply: "a" }, "ok"],
  ["gzip", gzip('{"reply":"é"}'), { reply: "é" }, "ok"],
  ["deflate", answer(deflateSync('{"reply":"a"}'), { headers: "Content-Encoding: deflate\r\n" }), { reply: "a" }, "ok"],
  [
    "br, which it did not ask for",
    answer(Buffer.from("0b0680", "hex"), { headers: "Content-Encoding: br\r\n" }),
    { error: expect.stringContaining("Invalid JSON") },
    "NOT_JSON",
  ],
  [
    "broken gzip",
    answer('{"reply":"a"}', { headers: "Content-Encoding: gzip\r\n" }),
    { error: expect.stringMatching(/^Webhook request failed: .*incorrect header check/) },
    "CONNECTION_ERROR",
  ],
  ["1 MB", json(`{"reply":"${big(1_000_000)}"}`), { reply: big(1_000_000) }, "ok"],
  ["10 MB", json(`{"reply":"${big(10_000_000)}"}`), { reply: big(10_000_000) }, "ok"],
  [
    "more than 10 MiB, which the playground does not read",
    json(`{"reply":"${big(11_000_000)}"}`),
    { error: expect.stringContaining("the answer is longer than 10485760 bytes") },
    "CONNECTION_ERROR",
  ],
  ["a connection that is closed", [], { error: failed("Server disconnected without sending a response.") }, "CONNECTION_ERROR"],
  [
    "half an answer",
    json('{"reply":"a"}').map((part) => String(part).replace("length: 13", "Length: 20").replace("Length: 13", "Length: 20")),
    { error: failed("peer closed connection without sending complete message body (received 13 bytes, expected 20)") },
    "CONNECTION_ERROR",
  ],
  [
    "half of its chunks",
    chunks(['{"reply":"a"}']).slice(0, -1),
    { error: failed("peer closed connection without sending complete message body (incomplete chunked read)") },
    "CONNECTION_ERROR",
  ],
  ["no HTTP", ["hello\r\n\r\n"], { error: expect.stringMatching(/^Webhook request failed: /) }, "CONNECTION_ERROR"],
];

describe("what the main app makes of", () => {
  test.each(rows)("%s: /run", async (_, steps, expected) => {
    const chat = chatWith(steps);
    const { status, json } = await chat.run();
    if (expected === 500) {
      expect({ status, body: json() }).toEqual(INTERNAL);
    } else if ("error" in expected) {
      expect({ status, ...json() }).toEqual({ status: "error", assistant_message: null, error: expected.error });
    } else {
      const content_json = { source: "webhook" };
      const assistant_message = expect.objectContaining({ seq: 3, role: "assistant", content: expected.reply, content_json });
      expect(json()).toEqual({ status: "completed", assistant_message, error: null });
    }
    const isReply = expected !== 500 && "reply" in expected;
    expect(chat.stored()).toEqual(isReply ? [{ seq: 3, role: "assistant", content: expected.reply }] : []);
    expect(webhook.requests).toHaveLength(1);
  });

  test.each(rows)("%s: the Test button", async (_, steps, __, expected) => {
    const chat = chatWith(steps);
    const { status, json } = await chat.test();
    if (expected === 500) expect({ status, body: json() }).toEqual(INTERNAL);
    else if (expected === "ok") expect(json()).toMatchObject({ ok: true, error: null, signature_sent: true });
    else expect(json()).toMatchObject({ ok: false, error: `WEBHOOK_TEST_${expected}`, signature_sent: true });
    expect(chat.stored()).toEqual([]);
    expect(webhook.requests).toHaveLength(1);
  });

  test("a refused connection", async () => {
    const gone = await startRawWebhook();
    gone[Symbol.dispose]();
    const chat = mainApp.chat({ webhookUrl: gone.url });
    expect((await chat.run()).json()).toMatchObject({ error: failed("All connection attempts failed") });
    expect((await chat.test()).json()).toMatchObject({ ok: false, error: "WEBHOOK_TEST_CONNECTION_ERROR", status_code: null });
    expect((await chat.stream()).chunks[1]).toContain(failed("All connection attempts failed"));
  });
});

describe("the Test button", () => {
  test("shows the answer as it is", async () => {
    const { text } = await chatWith(answer('{"code":"signature_mismatch","n":1.0}', { status: "401 Unauthorized" })).test();
    expect(text.replace(/"latency_ms":\d+/, '"latency_ms":0')).toBe(
      '{"ok":false,"status_code":401,"latency_ms":0,"error":"WEBHOOK_TEST_BAD_STATUS",' +
        '"response_json":{"code":"signature_mismatch","n":1.0},' +
        '"response_text":"{\\"code\\":\\"signature_mismatch\\",\\"n\\":1.0}","signature_sent":true}',
    );
  });

  test("shows 2,000 characters of an error, and says when nothing was signed", async () => {
    const shown = (await chatWith(answer(big(3000), { status: "500 Oops" }), { secret: "" }).test()).json();
    expect(shown).toMatchObject({ response_text: big(2000), response_json: null, signature_sent: false });
    expect(webhook.requests[0]?.head).not.toMatch(/X-Signature|X-Timestamp/);
  });

  test("calls the URL of the form, with the text of the form, in no thread", async () => {
    webhook.answers(json('{"reply":"a"}'));
    const { app } = mainApp.chat({ webhookUrl: null, mode: "simulator" });
    const body = JSON.stringify({ webhook_url: webhook.url, sample_message: "café" });
    expect((await mainApp.call("POST", `/apps/${app.id}/webhook/test`, body)).json()).toMatchObject({ ok: true });
    const [request] = webhook.requests;
    expect(request?.head).toContain("X-Thread-Id: 00000000-0000-0000-0000-000000000000");
    expect(JSON.parse(request?.body ?? "")).toMatchObject({
      thread: { id: "00000000-0000-0000-0000-000000000000", customer_id: "test-customer" },
      message: { id: "00000000-0000-0000-0000-000000000001", seq: 1, role: "user", content: "café", content_json: {} },
      history_tail: [],
    });
  });

  test("cannot send a lone surrogate, and can send U+0000", async () => {
    webhook.answers(json('{"reply":"a"}'));
    const { app } = mainApp.chat({});
    const press = async (text: string) =>
      (
        await mainApp.call(
          "POST",
          `/apps/${app.id}/webhook/test`,
          `{"webhook_url":"${webhook.url}","sample_message":"${text}"}`,
        )
      ).json();
    expect(await press("\\ud83d")).toMatchObject({ ok: false, error: "WEBHOOK_TEST_CONNECTION_ERROR", signature_sent: true });
    expect(webhook.requests).toHaveLength(0);
    expect(await press("\\u0000")).toMatchObject({ ok: true });
    expect(webhook.requests[0]?.body).toContain('"content":"\\u0000"');
  });
});
