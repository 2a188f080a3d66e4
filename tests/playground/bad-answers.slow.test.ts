import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import type { ExchangeView } from "../../local/playground/page/protocol.ts";
import { delta, done, startPage } from "./page-client.ts";
import { answer, chunk, chunks, head, RESET, type Steps, startRawWebhook } from "./raw-webhook.ts";

const page = await startPage();
afterAll(() => page[Symbol.dispose]());

const TIMEOUT_MS = 400;
const LONG_MS = 9000;
const MB = 1_000_000;
const GARBAGE = Buffer.from(Array.from({ length: 3000 }, (_, index) => (index * 131 + (index >> 3)) % 256));
const ESCAPES = "\x1b[2J\x1b]0;owned\x07\x9b31m";
const SSE = { type: "text/event-stream" };
const CHUNKED = { headers: "Transfer-Encoding: chunked\r\n" };
const megabytes = (count: number): Steps => Array(count).fill("x".repeat(MB));
const redirect = (status: string) => answer("", { status, headers: "Location: http://localhost:1/elsewhere\r\n" });

const NO_HTTP = /^There was no HTTP answer: /;
const UNREADABLE = /^The main app cannot read the answer: /;
const BROKE_OFF = /^The answer broke off: /;
const SILENT = /^The webhook was silent for \d(?:\.\d)? s, and the main app gave up: /;
const STOPPED =
  /^The playground stopped reading: the answer is longer than 10485760 bytes(?: once it is decoded)?\. The main app would have gone on\.$/;
const NEEDS_STREAM = /^The webhook answered with application\/json, and the chat needs text\/event-stream: /;
const NO_JSON = /^The answer \(.+\) is not (?:a )?JSON/;
const STREAMED = /^The webhook streamed, and /;
const REDIRECTS =
  /^The webhook redirects \(HTTP 30\d to http:\/\/localhost:1\/elsewhere\), and the main app follows no redirect/;
const NO_DONE = /^The stream ended without a done event\.$/;

type Row = [name: string, steps: Steps, stream: RegExp, json?: RegExp];
const ROWS: Row[] = [
  ["garbage", [GARBAGE], /^The main app cannot read the answer: it does not begin with HTTP\/1\.1, but with: ".+"\.$/],
  ["garbage in place of the status", ["HTTP/1.1 ok fine\r\n\r\n"], /its status line is: "HTTP\/1\.1 ok fine"\.$/],
  ["garbage in place of a header", ["HTTP/1.1 200 OK\r\n\x00\xff\r\n\r\n"], UNREADABLE],
  ["garbage in place of events", chunks([GARBAGE]), NO_DONE, STREAMED],
  ["garbage in place of JSON", answer(GARBAGE), NEEDS_STREAM, NO_JSON],
  ["garbage in place of a chunk", [head({ ...SSE, ...CHUNKED }), "zzz\r\n"], UNREADABLE],
  ["garbage in place of gzip", chunks([GARBAGE], { headers: "Content-Encoding: gzip\r\n" }), /^The body is not gzip: /],

  ["nothing, ever", [LONG_MS], SILENT],
  ["a head, and then nothing", [head(SSE), LONG_MS], SILENT],
  ["a text, and then nothing", [head(SSE), delta("hi"), LONG_MS], SILENT],

  ["a stream without an end", [head(SSE), { forever: delta("word ".repeat(200)) }], STOPPED],
  ["comments without an end", [head(SSE), { forever: ": ping\n\n".repeat(1000) }], STOPPED],
  ["an event without an end", [head(SSE), "data: ", { forever: "x".repeat(60_000) }], STOPPED],
  ["JSON without an end", [head(), '{"reply":"', { forever: "x".repeat(60_000) }], NEEDS_STREAM, STOPPED],
  ["lists without an end", [head(), { forever: "[".repeat(60_000) }], NEEDS_STREAM, STOPPED],
  ["an error without an end", [head({ status: "500 Oops" }), { forever: "x".repeat(60_000) }], STOPPED],
  ["headers without an end", ["HTTP/1.1 200 OK\r\n", { forever: "X-Y: z\r\n".repeat(100) }], /the head is longer than/],
  ["interim answers without an end", [{ forever: "HTTP/1.1 103 Early Hints\r\n\r\n" }], /interim/],
  ["50 MB of zeros in gzip", chunks([gzipSync(Buffer.alloc(50 * MB))], { headers: "Content-Encoding: gzip\r\n" }), STOPPED],

  ["100 MB of JSON", [head({ headers: `Content-Length: ${100 * MB}\r\n` }), ...megabytes(100)], NEEDS_STREAM, STOPPED],
  ["an event of 100 MB", [head(SSE), 'event: delta\ndata: {"text":"', ...megabytes(100), '"}\n\n', done({})], STOPPED],

  ...["301 Moved", "302 Found", "307 Temporary", "308 Permanent"].map((status): Row => [status, redirect(status), REDIRECTS]),

  ["HTML", answer("<h1>hi</h1>", { type: "text/html" }), /^The webhook answered with text\/html/, NO_JSON],
  ["HTML as JSON", answer("<h1>hi</h1>"), NEEDS_STREAM, NO_JSON],
  ["HTML as a stream", chunks(["<!doctype html>\n\n<h1>hi</h1>\n"]), NO_DONE, STREAMED],
  [
    "HTML as an error",
    answer("<h1>Oops</h1>", { status: "502 Bad" }),
    /HTTP 502, <h1>Oops<\/h1>\. The main app takes only 200/,
  ],

  ["terminal escapes in an error", answer(ESCAPES, { status: "500 Oops" }), /HTTP 500, \S*\[2J.*owned/],
  ["terminal escapes in place of HTTP", [`${ESCAPES}\r\n\r\n`], UNREADABLE],
  ["terminal escapes in a type", answer("", { type: `text/${ESCAPES}` }), /^The webhook answered with text\/\S*\[2J/, NO_JSON],
  ["terminal escapes in JSON", answer(ESCAPES), NEEDS_STREAM, NO_JSON],
  [
    "terminal escapes in an error event",
    chunks([`event: error\ndata: ${JSON.stringify({ message: ESCAPES })}\n\n`]),
    ...([/^The webhook sent an error event: \S*\[2J/, STREAMED] as const),
  ],

  ["hangs up without a byte", [], NO_HTTP],
  ["hangs up inside the status line", ["HTTP/1.1 2"], NO_HTTP],
  ["hangs up inside a header", ["HTTP/1.1 200 OK\r\nContent-Ty"], NO_HTTP],
  ["hangs up after the head", [head({ ...SSE, headers: "Content-Length: 9\r\n" })], BROKE_OFF],
  ["hangs up inside the body", [head({ ...SSE, headers: "Content-Length: 9\r\n" }), ": a"], BROKE_OFF],
  ["hangs up before the first chunk", [head({ ...SSE, ...CHUNKED })], BROKE_OFF],
  ["hangs up inside a chunk's size", [head({ ...SSE, ...CHUNKED }), "1"], BROKE_OFF],
  ["hangs up inside a chunk", [head({ ...SSE, ...CHUNKED }), "9\r\n: a"], BROKE_OFF],
  ["hangs up before the last chunk", [head({ ...SSE, ...CHUNKED }), chunk(delta("hi"))], BROKE_OFF],
  ["resets without a byte", [RESET], NO_HTTP],
  ["resets inside the head", ["HTTP/1.1 200 OK\r\n", 20, RESET], NO_HTTP],
  ["resets inside the body", [head({ ...SSE, ...CHUNKED }), chunk(delta("hi")), 20, RESET], BROKE_OFF],
];

const CONTROLS = /[\p{Cc}\u2028\u2029]/u;

/** Said in a line that a person can read. */
function expectSaid({ verdict, state }: ExchangeView, what: RegExp): void {
  expect(state).toBe("ended");
  expect(verdict).toEqual({ kind: "failed", what: expect.stringMatching(what), realChat: expect.stringMatching(/\.$/) });
  for (const text of [verdict?.what ?? "", verdict?.realChat ?? ""]) {
    expect(text).not.toMatch(CONTROLS);
    expect(text.length).toBeLessThan(500);
  }
}

describe("a webhook that answers with", { timeout: 60_000 }, () => {
  test.each(ROWS)(
    "%s: it is said, nothing is stored, and the next message works",
    async (name, steps, stream, json = stream) => {
      using webhook = await startRawWebhook();
      const isSilent = name.endsWith("nothing") || name.startsWith("nothing");
      const chat = await page.chat({ webhookUrl: webhook.url, ...(isSilent && { timeoutMs: TIMEOUT_MS }) });

      webhook.answers(steps);
      expectSaid(await chat.send("hello"), stream);
      expect(await chat.messages()).toHaveLength(2);
      webhook.answers(chunks([delta("and now"), done({})]));
      expect(await chat.send("again")).toMatchObject({ text: "and now", verdict: { kind: "shown and forgotten" } });
      expect(await chat.messages()).toHaveLength(3);

      webhook.answers(steps);
      expectSaid(await chat.send("hello", { route: "run" }), json);
      expect(await chat.messages()).toHaveLength(4);
      webhook.answers(answer('{"reply":"and now"}'));
      expect(await chat.send("again", { route: "run" })).toMatchObject({ text: "and now", verdict: { kind: "stored" } });
      expect(await chat.messages()).toHaveLength(6);

      // The Test button waits for 8 s, whatever the App says.
      if (isSilent && name !== "nothing, ever") return;
      webhook.answers(isSilent ? [LONG_MS] : steps);
      expectSaid(await chat.test(), isSilent ? /^The webhook was silent for 8(?:\.\d)? s/ : json);
      webhook.answers(answer('{"reply":"and now"}'));
      expect(await chat.test()).toMatchObject({ text: "and now" });
      expect(await chat.messages()).toHaveLength(6);
    },
  );

  test("nothing, because it hangs up before it has read the request", async () => {
    const server = createServer((socket) => socket.destroy());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const chat = await page.chat({ webhookUrl: `http://localhost:${(server.address() as AddressInfo).port}/` });
    for (const sent of [await chat.send("hello"), await chat.send("hello", { route: "run" }), await chat.test()])
      expectSaid(sent, NO_HTTP);
    expect(await chat.messages()).toHaveLength(3);
    server.close();
  });
});
