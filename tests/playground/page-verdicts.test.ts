import { once } from "node:events";
import { describe, expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import type { ExchangeView, Verdict } from "../../local/playground/page/protocol.ts";
import { delta, done, postAs, startWebhook } from "./page-client.ts";
import { answer, chunks, head, type Steps, startRawWebhook } from "./raw-webhook.ts";
import { pageAndNode } from "./started.ts";

const { page, node } = await pageAndNode();

const TIMEOUT_MS = 300;

type Row = [name: string, steps: Steps, what: RegExp, realChat: RegExp, kind?: Verdict["kind"]];
const FORGOTTEN = "shown and forgotten";
const NOTHING = /^Nothing: no message and no notice/;
const VANISHED = /^The text grew, and then vanished/;
const GONE = /^The text grew, and vanished at the end/;
const WAITS = /Waiting for response/;

describe("the verdict of a stream", () => {
  const rows: Row[] = [
    ["done {}", chunks([delta("hi"), done({})]), /stores nothing of a stream/, GONE, FORGOTTEN],
    ["done without message_id", chunks([delta("hi"), done({ status: "completed" })]), /no message_id/, GONE, FORGOTTEN],
    [
      "done with an invented message_id",
      chunks([delta("hi"), done({ status: "completed", message_id: "x" })]),
      /a message_id that is not in the thread/,
      GONE,
      FORGOTTEN,
    ],
    ["done with an error", chunks([delta("hi"), done({ status: "error" })]), /the status error/, GONE, FORGOTTEN],
    ["done without text", chunks([done({})]), /no text/, /^Nothing\. The input is free/, FORGOTTEN],
    ["JSON", answer('{"reply":"a"}'), /application\/json, and the chat needs text\/event-stream/, NOTHING],
    ["a type in upper case", chunks([delta("a")], { type: "Text/Event-Stream" }), /in lower case/, NOTHING],
    ["no type", answer("a", { type: "" }), /no Content-Type/, NOTHING],
    ["a 500", answer("oops", { status: "500 Oops" }), /HTTP 500, oops\. The main app takes only 200/, NOTHING],
    ["a 401", answer("", { status: "401 No" }), /refused the signature: HTTP 401 without a body/, NOTHING],
    [
      "a redirect",
      answer("", { status: "302 Found", headers: "Location: /elsewhere\r\n" }),
      /redirects \(HTTP 302 to \/elsewhere\), and the main app follows no redirect/,
      NOTHING,
    ],
    ["silence", [3 * TIMEOUT_MS], /silent for 0\.\d s/, NOTHING],
    ["silence after a text", chunks([delta("hi"), 3 * TIMEOUT_MS]), /silent for 0\.\d s/, VANISHED],
    ["a closed connection", [], /no HTTP answer/, NOTHING],
    ["a body that is cut off", chunks([delta("hi")]).slice(0, -1), /broke off/, VANISHED],
    [
      "a body that is cut off inside an event",
      chunks([delta("hi"), delta("x").slice(0, 20)]).slice(0, -1),
      /broke off/,
      VANISHED,
    ],
    ["an error event", chunks([delta("hi"), 'event: error\ndata: {"message":"no model"}\n\n']), /: no model/, VANISHED],
    ["data that is no JSON", chunks(["event: delta\ndata: hi\n\n"]), /is not JSON/, NOTHING],
    ["two data lines", chunks(['event: delta\ndata: {"text":\ndata: "hi"}\n\n']), /in one line/, NOTHING],
    ["no done", chunks([delta("hi")]), /without a done/, WAITS],
    ["[DONE]", chunks([delta("hi"), "data: [DONE]\n\n"]), /without a done/, WAITS],
    ["done without data", chunks([delta("hi"), "event: done\n\n"]), /it has no data/, WAITS],
    ["done in two reads", chunks([delta("hi"), "event: done\n", 60, "data: {}\n\n"]), /split over two reads/, WAITS],
    ["\\r\\n", chunks([(delta("hi") + done({})).replaceAll("\n", "\r\n")]), /\\r\\n as line ends/, /^No text/],
    ["events without names", chunks(['data: {"text":"hi"}\n\n']), /without a done/, WAITS],
  ];
  test.concurrent.each(rows)("%s", async (name, steps, what, realChat, kind = "failed") => {
    using webhook = await startRawWebhook(steps);
    const chat = await page.chat({ webhookUrl: webhook.url, ...(name.startsWith("silence") && { timeoutMs: TIMEOUT_MS }) });
    const { verdict } = await chat.send("hello");
    expect(verdict).toEqual({ kind, what: expect.stringMatching(what), realChat: expect.stringMatching(realChat) });
    expect(await chat.messages()).toHaveLength(2);
  });

  test("an answer without an end", async () => {
    using webhook = await startWebhook(async (_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      const block = delta("x".repeat(60_000));
      while (!response.destroyed)
        if (!response.write(block)) await Promise.race(["drain", "close"].map((event) => once(response, event)));
    });
    const chat = await page.chat({ webhookUrl: webhook.url });
    const { verdict } = await chat.send("hello");
    expect(verdict).toMatchObject({ kind: "failed", what: expect.stringMatching(/^The playground stopped reading: /) });
  });

  test("a URL where nothing listens", async () => {
    const chat = await page.chat({ webhookUrl: `http://localhost:${await freePort()}/` });
    expect((await chat.send("hello")).verdict).toMatchObject({
      kind: "failed",
      what: expect.stringMatching(/cannot be reached/),
    });
  });

  test.each([
    ["http://10.0.0.1/", "Webhook URL host '10.0.0.1' is blocked (private network)."],
    ["http://127.0.0.1:8081/", "Webhook URL host '127.0.0.1' is blocked. For this computer, use the name localhost."],
  ])("a URL that the main app does not call: %s", async (webhookUrl, why) => {
    const chat = await page.chat({ webhookUrl });
    const { verdict } = await chat.send("hello");
    expect(verdict).toMatchObject({ kind: "failed", what: `The main app does not call this webhook: ${why}` });
  });

  test("the simulator", async () => {
    const chat = await page.chat({ mode: "simulator" });
    expect(await chat.send("hello")).toMatchObject({ text: "Echo: hello", verdict: { kind: "stored" } });
    expect(await chat.messages()).toHaveLength(3);
  });

  const completed = (message_id: string) => ({ status: "completed", message_id, seq: 3 });
  test.each([
    ["and done names it", true, completed, /streamed the reply and stored it/, /took its place/],
    ["and done names another", true, () => completed("x"), /has another message_id/, /took its place/],
    ["and done does not", true, () => ({}), /but its done event does not have/, /vanished at the end\. The stored/],
    ["only after done", false, () => ({}), /only after its done event/, /vanished at the end\. The stored/],
  ])("a message is stored through the Partner API, %s", async (_, before, data, what, realChat) => {
    using webhook = await startWebhook(async ({ json }, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(delta("hi"));
      const id = before ? await postAs(page.base, json, "hi") : "";
      response.end(done(data(id)));
      if (before) return;
      const isOver = ({ threadId, state }: ExchangeView) => threadId === json.thread.id && state === "ended";
      await page.events.seen("exchange", ({ exchange }) => isOver(exchange));
      await postAs(page.base, json, "hi");
    });
    const chat = await page.chat({ webhookUrl: webhook.url });
    const { id } = await chat.send("hello");
    const isStored = ({ exchange }: { exchange: ExchangeView }) => exchange.id === id && exchange.verdict?.kind === "stored";
    const { exchange } = await page.events.seen("exchange", isStored);
    expect(exchange.verdict?.what).toMatch(what);
    expect(exchange.verdict?.realChat).toMatch(realChat);
  });
});

test("two messages at once in one thread: each has the message that its done event names", async () => {
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  using webhook = await startWebhook(async ({ json }, response) => {
    if (++waiting === 2) both.resolve();
    await both.promise;
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(delta("hi"));
    const id = await postAs(page.base, json, `to ${json.message.content}`);
    response.end(done({ status: "completed", message_id: id }));
  });
  const chat = await page.chat({ webhookUrl: webhook.url });

  const sent = await Promise.all(["one", "two"].map((text) => chat.send(text)));

  for (const { verdict } of sent) expect(verdict?.what).toBe("The webhook streamed the reply and stored it.");
});

test("a message that another request names in its done event is not this one's", async () => {
  const second = Promise.withResolvers<void>();
  const first = Promise.withResolvers<void>();
  using webhook = await startWebhook(async ({ json }, response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(delta("hi"));
    if (json.message.content === "one") {
      await second.promise;
      response.end(done({}));
      return;
    }
    const id = await postAs(page.base, json, "two");
    second.resolve();
    await first.promise;
    response.end(done({ status: "completed", message_id: id }));
  });
  const chat = await page.chat({ webhookUrl: webhook.url });
  const one = await chat.begin({ text: "one" });
  const two = await chat.begin({ text: "two" });
  await page.events.ended(one);
  first.resolve();
  await page.events.ended(two);

  expect((await chat.exchanges()).map(({ verdict }) => verdict?.kind)).toEqual(["shown and forgotten", "stored"]);
});

describe("the verdict of /run", () => {
  const LOST = /HTTP 500/;
  const rows: Row[] = [
    ["a reply", answer('{"reply":"hi"}'), /^The main app stored the reply\.$/, /after a reload/, "stored"],
    ["metadata", answer('{"reply":"hi","metadata":{}}'), /drops metadata/, /after a reload/, "stored"],
    ["a number", answer('{"reply":42}'), /is no string, so Python's text/, /after a reload/, "stored"],
    ["spaces", answer('{"reply":" "}'), /empty message/, /after a reload/, "stored"],
    ["null", answer('{"reply":null}'), /no "reply", or it is null/, /missing required 'reply'/],
    ["no reply", answer("{}"), /no "reply"/, /missing required 'reply'/],
    ["no JSON", answer("<html>", { type: "text/html" }), /\(text\/html\) is not JSON/, /Invalid JSON/],
    ["a stream", chunks([delta("hi"), done({})]), /needs JSON/, /Invalid JSON/],
    ["a list", answer("[]"), /loses the reply/, LOST],
    ["U+0000", answer('{"reply":"\\u0000"}'), /U\+0000 is not stored/, LOST],
    ["a 422", answer('{"code":"x","detail":"Wrong."}', { status: "422 No" }), /HTTP 422, x, Wrong\./, /HTTP 422/],
    ["a 503", answer("", { status: "503 Busy" }), /HTTP 503/, /HTTP 503/],
    ["silence", [3 * TIMEOUT_MS], /silent/, /timed out/],
    ["an answer that is cut off", [head({ headers: "Content-Length: 9\r\n" }), "{"], /broke off/, /failed/],
  ];
  test.concurrent.each(rows)("%s", async (name, steps, what, realChat, kind = "failed") => {
    using webhook = await startRawWebhook(steps);
    const chat = await page.chat({ webhookUrl: webhook.url, ...(name.startsWith("silence") && { timeoutMs: TIMEOUT_MS }) });
    const { verdict } = await chat.send("hello", { route: "run" });
    expect(verdict).toEqual({ kind, what: expect.stringMatching(what), realChat: expect.stringMatching(realChat) });
    expect(await chat.messages()).toHaveLength(kind === "stored" ? 3 : 2);
  });

  test("a message that is added while it waits", async () => {
    using webhook = await startWebhook(async ({ json }, response) => {
      await postAs(page.base, json, "in between");
      response.end('{"reply":"late"}');
    });
    const chat = await page.chat({ webhookUrl: webhook.url });
    expect((await chat.send("hello", { route: "run" })).verdict?.what).toMatch(/a message was added to the thread/);
  });
});

describe("the verdict of the Test button", () => {
  const rows: Row[] = [
    ["a reply", answer('{"reply":"hi"}'), /stores nothing/, /^200 OK — \d+ms\. Reply: hi\. Signature: Sent ✓\.$/, FORGOTTEN],
    ["an object", answer('{"reply":{}}'), /send a string/, /page crashes/, FORGOTTEN],
    ["null", answer('{"reply":null}'), /stores nothing/, /Reply: -\./, FORGOTTEN],
    ["no reply", answer("{}"), /no "reply"/, /^HTTP 200 — \d+ms\. Response missing required 'reply' field/],
    ["a stream", chunks([done({})]), /the Test button reads only JSON/, /^HTTP 200 — \d+ms\. Response is not valid JSON/],
    ["a 401", answer("", { status: "401 No" }), /refused the signature/, /^HTTP 401 — \d+ms\. Webhook returned a non-200/],
    ["a list", answer("[]"), /not a JSON object/, /^Connection error/],
    ["a lone surrogate", answer('{"reply":"\\ud83d"}'), /main app fails/, /shows no result/],
    ["a closed connection", [], /no HTTP answer/, /^Connection error/],
  ];
  test.concurrent.each(rows)("%s", async (_, steps, what, realChat, kind = "failed") => {
    using webhook = await startRawWebhook(steps);
    const chat = await page.chat({ webhookUrl: webhook.url });
    const { verdict } = await chat.test();
    expect(verdict).toEqual({ kind, what: expect.stringMatching(what), realChat: expect.stringMatching(realChat) });
    expect(await chat.messages()).toHaveLength(1);
  });

  test("with the project's own webhook", async () => {
    const exchange = await (await page.chat({ webhookUrl: node.url.href })).test();
    expect(exchange).toMatchObject({ route: "test", status: 200, text: "Echo: Hello" });
    expect((await (await page.chat({ webhookUrl: node.url.href, secret: "" })).test()).verdict?.realChat).toMatch(
      /Not configured/,
    );
  });
});
