import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { answer, chunks, head, type Steps, startRawWebhook } from "./raw-webhook.ts";
import { mainAppAndWebhook } from "./started.ts";

const { mainApp, webhook, chatWith } = await mainAppAndWebhook();

const META = 'event: meta\ndata: {"source": "webhook"}\n\n';
const DELTA = 'event: delta\ndata: {"text":"café"}\n\n';
const DONE = 'event: done\ndata: {"status":"completed"}\n\n';
const errorEvents = (message: string) => [
  `event: error\ndata: {"message": ${JSON.stringify(message)}}\n\n`,
  'event: done\ndata: {"status": "error"}\n\n',
];
const wrongType = (type: string) => errorEvents(`Expected SSE (text/event-stream) but got '${type}'`);
const CUT = "peer closed connection without sending complete message body (incomplete chunked read)";
const TIMEOUT_MS = 500;
/** Longer than the time-out. */
const SILENCE = 1000;
/** Several in a row are longer than the time-out. */
const PAUSE = 200;
const timedOut = errorEvents("Webhook timed out: ");

/** What a caller of `/run/stream` gets after `meta`: one text for each chunk. */
const rows: [name: string, steps: Steps, forwarded: string[]][] = [
  ["an event stream", chunks([DELTA, DONE]), [DELTA, DONE]],
  ["an event stream with parameters", chunks([DELTA, DONE], { type: "text/event-stream; charset=utf-8" }), [DELTA, DONE]],
  ["an event stream in upper case", chunks([DELTA], { type: "Text/Event-Stream" }), wrongType("Text/Event-Stream")],
  ["JSON", answer('{"reply":"a"}'), wrongType("application/json")],
  ["no type", answer('{"reply":"a"}', { type: "" }), wrongType("")],
  ["another status", answer("no", { status: "401 Unauthorized" }), errorEvents("Webhook returned HTTP 401: no")],
  ["204", [head({ status: "204 No Content" })], errorEvents("Webhook returned HTTP 204: ")],
  [
    "a redirect, which is not followed",
    answer("", { status: "302 Found", headers: "Location: /elsewhere\r\n" }),
    errorEvents("Webhook returned HTTP 302: "),
  ],
  [
    "another status with an event stream: 200 characters, escaped",
    chunks(["😀".repeat(300)], { status: "500 Oops" }),
    [
      `event: error\ndata: {"message": "Webhook returned HTTP 500: ${"\\ud83d\\ude00".repeat(200)}"}\n\n`,
      timedOut[1] as string,
    ],
  ],
  ["silence", [SILENCE], timedOut],
  ["silence after the head", [head({ type: "text/event-stream" }), SILENCE], timedOut],
  ["silence between two events", chunks([DELTA, SILENCE, DONE]), [DELTA, ...timedOut]],
  ["silence in the body of an error", [head({ status: "500 Oops" }), "no", SILENCE], timedOut],
  [
    "comments in time",
    chunks([": a\n\n", PAUSE, ": b\n\n", PAUSE, ": c\n\n", PAUSE, DONE]),
    [": a\n\n", ": b\n\n", ": c\n\n", DONE],
  ],
  [
    "header lines in time",
    ["HTTP/1.1 200 OK\r\n", PAUSE, "X: y\r\n", PAUSE, "Content-Type: text/event-stream\r\n", PAUSE, "\r\n", DONE],
    [DONE],
  ],
  ["interim answers in time", [...Array(3).fill(["HTTP/1.1 103 X\r\n\r\n", PAUSE]).flat(), ...chunks([DONE])], [DONE]],
  ["a body that is cut off", chunks([DELTA]).slice(0, -1), [DELTA, ...errorEvents(`Webhook request failed: ${CUT}`)]],
  ["a connection that is closed", [], errorEvents("Webhook request failed: Server disconnected without sending a response.")],
  ["no done", chunks([DELTA]), [DELTA]],
  ["events after done", chunks([DONE, DELTA]), [DONE, DELTA]],
  ["a body that is no event stream, but called one", chunks(['{"reply":"a"}']), ['{"reply":"a"}']],
  ["a byte order mark", chunks([`\ufeff${DELTA}`]), [`\ufeff${DELTA}`]],
  ["CRLF", chunks(["event: delta\r\ndata: {}\r\n\r\n"]), ["event: delta\r\ndata: {}\r\n\r\n"]],
  ["gzip, decoded", chunks([gzipSync(DELTA + DONE)], { headers: "Content-Encoding: gzip\r\n" }), [DELTA + DONE]],
  [
    "a character that is cut in two",
    chunks([Buffer.from("caf\xc3", "latin1"), 20, Buffer.from("\xa9", "latin1")]),
    ["caf\ufffd", "\ufffd"],
  ],
  ["two chunks in one write", [Buffer.concat(chunks([DELTA, DONE]).map((part) => Buffer.from(part as string)))], [DELTA, DONE]],
];

describe("/run/stream forwards", () => {
  test.concurrent.each(rows)("%s", async (_, steps, forwarded) => {
    using webhook = await startRawWebhook(steps);
    const chat = mainApp.chat({ webhookUrl: webhook.url, timeoutMs: TIMEOUT_MS });
    const { chunks, whole } = await chat.stream();
    expect(chunks).toEqual([META, ...forwarded]);
    expect(whole).toBe(true);
    expect(chat.stored()).toEqual([]);
    expect(webhook.requests).toHaveLength(1);
  });

  test("no more than 10 MiB, and says so", async () => {
    const megabytes = Array<string>(12).fill(": ping\n\n".repeat(125_000));
    const { chunks, whole } = await chatWith([head({ type: "text/event-stream" }), ...megabytes]).stream();
    expect(chunks.at(-2)).toContain("longer than 10485760 bytes");
    expect(chunks.at(-1)).toBe(timedOut[1]);
    expect(whole).toBe(true);
    await webhook.requests[0]?.closed;
  });

  test("with the main app's headers", async () => {
    const { head } = await chatWith(chunks([DONE])).stream();
    for (const header of ["content-type: text/event-stream; charset=utf-8", "cache-control: no-cache", "x-accel-buffering: no"])
      expect(head.toLowerCase()).toContain(header);
  });

  test("a burst in pieces of at most 64 KiB", async () => {
    const events = DELTA.repeat(3000);
    const { chunks } = await chatWith([head({ type: "text/event-stream" }) + events]).stream();
    expect(chunks.slice(1).join("").replaceAll("\ufffd\ufffd", "é")).toBe(events);
    expect(Math.max(...chunks.map((chunk) => Buffer.byteLength(chunk)))).toBeLessThanOrEqual(65_536 + 4);
    expect(chunks.length).toBeGreaterThan(Buffer.byteLength(events) / 65_536);
  });
});
