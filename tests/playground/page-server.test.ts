import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as silence } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import type { Break, MessageView, PageEvent, State, Verdict } from "../../local/playground/page/protocol.ts";
import type { RunningWebhook } from "../check/broken/base.ts";
import { cli } from "../check/cli.ts";
import { startNodeServer } from "../check/server.ts";
import { SECRET } from "./main-app.ts";
import { type Page, postAs, startPage, startWebhook } from "./page-client.ts";
import { answer, chunks, head, type Steps, startRawWebhook } from "./raw-webhook.ts";

let page: Page;
/** The project's own webhook, which stores its streamed replies through this playground. */
let node: RunningWebhook;
const folder = mkdtempSync(join(tmpdir(), "replyhook-page-"));
beforeAll(async () => {
  page = await startPage();
  node = await startNodeServer({ WEBHOOK_SECRET: SECRET, BACKEND_URL: page.base });
});
afterAll(async () => {
  page[Symbol.dispose]();
  await node[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const delta = (text: string) => `event: delta\ndata: ${JSON.stringify({ text })}\n\n`;
const done = (data: unknown) => `event: done\ndata: ${JSON.stringify(data)}\n\n`;
const TIMEOUT_MS = 300;

describe("a chat with the project's own webhook", () => {
  test("is signed, streamed and stored", async () => {
    const chat = await page.chat({ webhookUrl: node.stream.href });
    const exchange = await chat.send("café 😀");
    expect(exchange).toMatchObject({ route: "stream", state: "ended", status: 200, text: "Echo: café 😀" });
    expect(exchange.verdict).toEqual({
      kind: "stored",
      what: "The webhook stored the reply through the Partner API, and done names it.",
      realChat: "The text grew; then the stored message took its place. It is there after a reload.",
    });
    const messages = await chat.messages();
    expect(messages.map(({ seq, role, content, source }) => [seq, role, content, source])).toEqual([
      [1, "assistant", "Hello there! How can I help you today?", "system"],
      [2, "user", "café 😀", ""],
      [3, "assistant", "Echo: café 😀", "dashboard_agent"],
    ]);
    expect(exchange.messageId).toBe(messages[1]?.id);
  });

  test("tells the page each step, in order", async () => {
    const chat = await page.chat({ webhookUrl: node.stream.href });
    const { id } = await chat.send("hello");
    const told = page.events.events.flatMap((event) => {
      if (event.type === "message" && event.threadId === chat.thread.id) return [`${event.message.role} message`];
      if (event.type === "text" && event.exchange === id) return ["text"];
      if (event.type === "exchange" && event.exchange.id === id) return [event.exchange.state];
      return event.type === "thread" && event.thread.id === chat.thread.id ? [`thread: ${event.thread.preview}`] : [];
    });
    const steps = told.filter((step, i) => step !== told[i - 1]);
    expect(steps).toEqual([
      "assistant message",
      "thread: Hello there! How can I help you today?",
      "user message",
      "thread: hello",
      "running",
      "text",
      "assistant message",
      "thread: Echo: hello",
      "ended",
    ]);
  });

  test("shows what was signed, and why in this form", async () => {
    const chat = await page.chat({ webhookUrl: node.stream.href });
    const { signature, request } = await page.details(await chat.send("café 😀"));
    expect(signature?.form).toBe("escaped");
    expect(signature?.why).toBe(
      "The body has é (U+00E9): the main app sends it as UTF-8, and signs it as \\u00e9. Verify this form too.",
    );
    expect(signature?.signed).toContain(`${signature?.timestamp}.{"version":"1.0"`);
    expect(signature?.signed).toContain("caf\\u00e9 \\ud83d\\ude00");
    expect(request.body).toContain("café 😀");
    expect(request.head).toContain(`X-Signature: ${signature?.header}`);
    expect(signature?.rawHeader).toMatch(/^sha256=[0-9a-f]{64}$/);
    expect(signature?.rawHeader).not.toBe(signature?.header);
    expect(request.curl).toContain("SECRET='<your webhook secret>'");
    expect(JSON.stringify(request)).not.toContain(SECRET);

    const plain = await page.details(await chat.send("hello"));
    // The history still has the é.
    expect(plain.signature?.form).toBe("escaped");
    const other = await page.chat({ webhookUrl: node.stream.href });
    const { signature: raw } = await page.details(await other.send("hello"));
    expect(raw).toMatchObject({ form: "raw", rawHeader: raw?.header });
  });

  test("shows each read, and what the browser makes of it", async () => {
    const chat = await page.chat({ webhookUrl: node.stream.href });
    const { reads, response, timing, warnings } = await page.details(await chat.send("script: ten words"));
    const shown = reads.map(({ makes }) => makes);
    expect(shown).toContain('shows "word1 "');
    expect(shown.at(-1)).toBe("ends: done");
    expect(reads.map(({ bytes }) => Buffer.from(bytes, "base64").toString()).join("")).toBe(response?.body);
    expect(response?.head).toMatch(/^HTTP\/1\.1 200\r\ncontent-type: text\/event-stream/i);
    expect(timing.totalMs).toBeGreaterThan(2500);
    expect(warnings).toEqual([]);
  });

  test("is hung up by Stop", async () => {
    const chat = await page.chat({ webhookUrl: node.stream.href });
    const id = await chat.begin({ text: "script: until hang-up" });
    await page.events.until(() => page.events.events.find((event) => event.type === "text" && event.exchange === id));
    await page.post(`/playground/exchanges/${id}/stop`);
    const { verdict } = await page.events.ended(id);
    expect(verdict).toMatchObject({ kind: "shown and forgotten", what: expect.stringContaining("hung up") });
  });

  test("explains a 401 by the webhook's problem details", async () => {
    const chat = await page.chat({ webhookUrl: node.stream.href, secret: "another" });
    const exchange = await chat.send("hello");
    expect(exchange.verdict).toEqual({
      kind: "failed",
      what: "The webhook refused the signature: HTTP 401, signature_mismatch, The signature does not match. Is the webhook secret the same on both sides?",
      realChat: "Nothing: no message and no notice. The input is free again, and only the browser's console has the reason.",
    });
    const { response } = await page.details(exchange);
    expect(response?.problem).toMatchObject({ code: "signature_mismatch", title: "Unauthorized" });
  });
});

type Row = [name: string, steps: Steps, kind: Verdict["kind"], what: RegExp, realChat: RegExp];
const NOTHING = /^Nothing: no message and no notice/;
const VANISHED = /^The text grew, and then vanished/;
const GONE = /^The text grew, and vanished at the end/;
const WAITS = /Waiting for response/;

describe("the verdict of a stream", () => {
  const rows: Row[] = [
    ["done {}", chunks([delta("hi"), done({})]), "shown and forgotten", /stores nothing of a stream/, GONE],
    [
      "done without message_id",
      chunks([delta("hi"), done({ status: "completed" })]),
      "shown and forgotten",
      /no message_id/,
      GONE,
    ],
    [
      "done with an invented message_id",
      chunks([delta("hi"), done({ status: "completed", message_id: "x" })]),
      ...(["shown and forgotten", /a message_id that is not in the thread/, GONE] as const),
    ],
    ["done with an error", chunks([delta("hi"), done({ status: "error" })]), "shown and forgotten", /the status error/, GONE],
    ["done without text", chunks([done({})]), "shown and forgotten", /no text/, /^Nothing\. The input is free/],
    ["JSON", answer('{"reply":"a"}'), "failed", /application\/json, and the chat needs text\/event-stream/, NOTHING],
    ["a type in upper case", chunks([delta("a")], { type: "Text/Event-Stream" }), "failed", /in lower case/, NOTHING],
    ["no type", answer("a", { type: "" }), "failed", /no Content-Type/, NOTHING],
    ["a 500", answer("oops", { status: "500 Oops" }), "failed", /HTTP 500, oops\. The main app takes only 200/, NOTHING],
    ["a 401", answer("", { status: "401 No" }), "failed", /refused the signature: HTTP 401 without a body/, NOTHING],
    [
      "a redirect",
      answer("", { status: "302 Found", headers: "Location: /elsewhere\r\n" }),
      ...(["failed", /redirects \(HTTP 302 to \/elsewhere\), and the main app follows no redirect/, NOTHING] as const),
    ],
    ["silence", [3 * TIMEOUT_MS], "failed", /silent for 0\.\d s/, NOTHING],
    ["silence after a text", chunks([delta("hi"), 3 * TIMEOUT_MS]), "failed", /silent for 0\.\d s/, VANISHED],
    ["a closed connection", [], "failed", /no HTTP answer/, NOTHING],
    ["a body that is cut off", chunks([delta("hi")]).slice(0, -1), "failed", /broke off/, VANISHED],
    [
      "an error event",
      chunks([delta("hi"), 'event: error\ndata: {"message":"no model"}\n\n']),
      "failed",
      /: no model/,
      VANISHED,
    ],
    ["data that is no JSON", chunks(["event: delta\ndata: hi\n\n"]), "failed", /is not JSON/, NOTHING],
    ["two data lines", chunks(['event: delta\ndata: {"text":\ndata: "hi"}\n\n']), "failed", /in one line/, NOTHING],
    ["no done", chunks([delta("hi")]), "failed", /without a done/, WAITS],
    ["[DONE]", chunks([delta("hi"), "data: [DONE]\n\n"]), "failed", /without a done/, WAITS],
    ["done without data", chunks([delta("hi"), "event: done\n\n"]), "failed", /it has no data/, WAITS],
    ["done in two reads", chunks([delta("hi"), "event: done\n", 60, "data: {}\n\n"]), "failed", /split over two reads/, WAITS],
    ["\\r\\n", chunks([(delta("hi") + done({})).replaceAll("\n", "\r\n")]), "failed", /\\r\\n as line ends/, /^No text/],
    ["events without names", chunks(['data: {"text":"hi"}\n\n']), "failed", /without a done/, WAITS],
  ];
  test.concurrent.each(rows)("%s", async (name, steps, kind, what, realChat) => {
    using webhook = await startRawWebhook(steps);
    const chat = await page.chat({ webhookUrl: webhook.url, ...(name.startsWith("silence") && { timeoutMs: TIMEOUT_MS }) });
    const { verdict } = await chat.send("hello");
    expect(verdict).toEqual({ kind, what: expect.stringMatching(what), realChat: expect.stringMatching(realChat) });
    expect(await chat.messages()).toHaveLength(2);
  });

  test("a URL where nothing listens", async () => {
    const chat = await page.chat({ webhookUrl: `http://localhost:${await freePort()}/` });
    expect((await chat.send("hello")).verdict).toMatchObject({
      kind: "failed",
      what: expect.stringMatching(/cannot be reached/),
    });
  });

  test("a URL that the main app does not call", async () => {
    const chat = await page.chat({ webhookUrl: "http://10.0.0.1/" });
    const { verdict } = await chat.send("hello");
    expect(verdict).toMatchObject({
      kind: "failed",
      what: "The main app does not call this webhook: Webhook URL host '10.0.0.1' is blocked (private network).",
    });
  });

  test("the simulator", async () => {
    const chat = await page.chat({ mode: "simulator" });
    expect(await chat.send("hello")).toMatchObject({ text: "Echo: hello", verdict: { kind: "stored" } });
    expect(await chat.messages()).toHaveLength(3);
  });

  test.each([
    [
      "and done names it",
      true,
      (id: string) => ({ status: "completed", message_id: id, seq: 3 }),
      /and done names it/,
      /took its place/,
    ],
    ["and done does not", true, () => ({}), /but done does not/, /vanished at the end\. The stored/],
    ["only after done", false, () => ({}), /only after done/, /vanished at the end\. The stored/],
  ])("a message is stored through the Partner API, %s", async (_, before, data, what, realChat) => {
    using webhook = await startWebhook(async ({ json }, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(delta("hi"));
      const id = before ? await postAs(page.base, json, "hi") : "";
      response.end(done(data(id)));
      if (before) return;
      await silence(100);
      await postAs(page.base, json, "hi");
    });
    const chat = await page.chat({ webhookUrl: webhook.url });
    const { id } = await chat.send("hello");
    const stored = () =>
      page.events.events.findLast(
        (e) => e.type === "exchange" && e.exchange.id === id && e.exchange.verdict?.kind === "stored",
      );
    const event = await page.events.until(stored);
    expect(event).toMatchObject({
      exchange: { verdict: { what: expect.stringMatching(what), realChat: expect.stringMatching(realChat) } },
    });
  });
});

describe("the verdict of /run", () => {
  const LOST = /HTTP 500/;
  const rows: Row[] = [
    ["a reply", answer('{"reply":"hi"}'), "stored", /^The main app stored the reply\.$/, /after a reload/],
    ["metadata", answer('{"reply":"hi","metadata":{}}'), "stored", /drops metadata/, /after a reload/],
    ["a number", answer('{"reply":42}'), "stored", /is no string, so Python's text/, /after a reload/],
    ["spaces", answer('{"reply":" "}'), "stored", /empty message/, /after a reload/],
    ["null", answer('{"reply":null}'), "failed", /no "reply", or it is null/, /missing required 'reply'/],
    ["no reply", answer("{}"), "failed", /no "reply"/, /missing required 'reply'/],
    ["no JSON", answer("<html>", { type: "text/html" }), "failed", /\(text\/html\) is not JSON/, /Invalid JSON/],
    ["a stream", chunks([delta("hi"), done({})]), "failed", /needs JSON/, /Invalid JSON/],
    ["a list", answer("[]"), "failed", /loses the reply/, LOST],
    ["U+0000", answer('{"reply":"\\u0000"}'), "failed", /U\+0000 is not stored/, LOST],
    ["a 422", answer('{"code":"x","detail":"Wrong."}', { status: "422 No" }), "failed", /HTTP 422, x, Wrong\./, /HTTP 422/],
    ["a 503", answer("", { status: "503 Busy" }), "failed", /HTTP 503/, /HTTP 503/],
    ["silence", [3 * TIMEOUT_MS], "failed", /silent/, /timed out/],
    ["an answer that is cut off", [head({ headers: "Content-Length: 9\r\n" }), "{"], "failed", /broke off/, /failed/],
  ];
  test.concurrent.each(rows)("%s", async (name, steps, kind, what, realChat) => {
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
    [
      "a reply",
      answer('{"reply":"hi"}'),
      "shown and forgotten",
      /stores nothing/,
      /^200 OK — \d+ms\. Reply: hi\. Signature: Sent ✓\.$/,
    ],
    ["an object", answer('{"reply":{}}'), "shown and forgotten", /send a string/, /page crashes/],
    ["null", answer('{"reply":null}'), "shown and forgotten", /stores nothing/, /Reply: -\./],
    ["no reply", answer("{}"), "failed", /no "reply"/, /^HTTP 200 — \d+ms\. Response missing required 'reply' field/],
    [
      "a stream",
      chunks([done({})]),
      "failed",
      /the Test button reads only JSON/,
      /^HTTP 200 — \d+ms\. Response is not valid JSON/,
    ],
    [
      "a 401",
      answer("", { status: "401 No" }),
      "failed",
      /refused the signature/,
      /^HTTP 401 — \d+ms\. Webhook returned a non-200/,
    ],
    ["a list", answer("[]"), "failed", /not a JSON object/, /^Connection error/],
    ["a lone surrogate", answer('{"reply":"\\ud83d"}'), "failed", /main app fails/, /shows no result/],
    ["a closed connection", [], "failed", /no HTTP answer/, /^Connection error/],
  ];
  test.concurrent.each(rows)("%s", async (_, steps, kind, what, realChat) => {
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

describe("a break", () => {
  const TEXTS: Partial<Record<Break, string>> = { "hang-up": "script: until hang-up" };
  const breaks: Break[] = ["wrong-secret", "no-signature", "stale", "changed-body", "twice", "non-ascii", "huge", "hang-up"];
  test.each(breaks)("%s: the project's own webhook does what it should", async (kind) => {
    const chat = await page.chat({ webhookUrl: node.stream.href });
    const exchange = await chat.send(TEXTS[kind] ?? "hello", { break: kind });
    expect(exchange.verdict?.expected).toEqual({ what: expect.stringMatching(/\. It did: /), held: true });
    expect(exchange.break).toBe(kind);
    expect((await chat.send("and now?")).status).toBe(200);
  });

  /** A webhook that verifies nothing, answers each request with another text, and breaks on what is rare. */
  const careless: [Break, Steps, RegExp][] = [
    ["wrong-secret", chunks([done({})]), /It did not: HTTP 200/],
    ["no-signature", chunks([done({})]), /It did not: HTTP 200/],
    ["stale", chunks([done({})]), /It did not: HTTP 200/],
    ["changed-body", answer("", { status: "500 Oops" }), /It did not: HTTP 500/],
    ["non-ascii", answer("", { status: "401 No" }), /It did not: HTTP 401/],
    ["huge", [], /It did not: the connection was closed/],
  ];
  test.each(careless)("%s: a careless webhook does not", async (kind, steps, what) => {
    using webhook = await startRawWebhook(steps);
    const chat = await page.chat({ webhookUrl: webhook.url });
    const { verdict } = await chat.send("hello", { break: kind });
    expect(verdict?.expected).toEqual({ what: expect.stringMatching(what), held: false });
  });

  test("twice: the very same bytes, and another text for the copy does not hold", async () => {
    const received: string[] = [];
    using webhook = await startWebhook(({ headers, json }, response) => {
      received.push(JSON.stringify([headers, json]));
      response.writeHead(200, { "content-type": "text/event-stream" }).end(delta(`answer ${received.length}`) + done({}));
    });
    const { verdict } = await (await page.chat({ webhookUrl: webhook.url })).send("hello", { break: "twice" });
    expect(received).toHaveLength(2);
    expect(received[0]).toBe(received[1]);
    expect(verdict?.expected).toEqual({ what: expect.stringContaining("with another text"), held: false });
  });

  test("hang-up: a webhook that ends itself does not hold", async () => {
    let messages = 0;
    using webhook = await startWebhook((_, response) => {
      if (++messages > 1) return response.destroy();
      response.writeHead(200, { "content-type": "text/event-stream" }).write(delta("hi"));
    });
    const { verdict } = await (await page.chat({ webhookUrl: webhook.url })).send("hello", { break: "hang-up" });
    expect(verdict?.expected).toMatchObject({ held: false });
  });

  test.each([
    ["no secret", { secret: "" }, { break: "stale" }, /has no secret/],
    ["the simulator", { mode: "simulator" }, { break: "huge" }, /calls no webhook/],
    ["/run, which nobody hangs up", {}, { break: "hang-up", route: "run" }, /Only a stream/],
  ] as const)("makes no sense with %s", async (_, fields, sending, error) => {
    const chat = await page.chat({ webhookUrl: node.stream.href, ...fields });
    await expect(chat.begin({ text: "hello", ...sending })).rejects.toThrow(error);
    expect(await chat.messages()).toHaveLength(1);
  });
});

describe("warnings", () => {
  test.concurrent.each<[name: string, steps: Steps, RegExp]>([
    ["a split event", chunks([delta("hi").slice(0, -2), 60, `\n\n${done({})}`]), /event delta is split over two reads/],
    ["CRLF", chunks(["event: done\r\ndata: {}\r\n\r\n"]), /ends with \\r\\n/],
    ["non-ASCII", chunks([delta("é"), done({})]), /beyond ASCII/],
    ["done in one read with a text", chunks([delta("hi") + done({})]), /done came in the same read/],
    ["no done", chunks([delta("hi")]), /no done event/],
    ["no message_id", chunks([done({})]), /no message_id/],
    ["an event of more than 64 KiB", chunks([delta("x".repeat(70_000)), done({})]), /longer than 64 KiB/],
    ["a delta without a text", chunks(["event: delta\ndata: {}\n\n", done({})]), /"undefined"/],
    ["silence", chunks([delta("hi"), 5200, done({})]), /silent for 5\.\d s/],
  ])("%s", async (_, steps, warning) => {
    using webhook = await startRawWebhook(steps);
    const chat = await page.chat({ webhookUrl: webhook.url });
    const { warnings } = await page.details(await chat.send("hello"));
    expect(warnings).toContainEqual(expect.stringMatching(warning));
  });
});

describe("the page's routes", () => {
  test("serve the page with a policy and without a cache", async () => {
    for (const [path, type] of Object.entries({
      "/": "html",
      "/playground/page.js": "javascript",
      "/playground/page.css": "css",
    })) {
      const response = await fetch(page.base + path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toContain(type);
      expect(response.headers.get("content-security-policy")).toMatch(/^default-src 'none'; script-src 'self';(?!.*unsafe)/);
      expect(response.headers.get("cache-control")).toBe("no-store");
    }
  });

  test("give the secret only when it is asked for", async () => {
    const { app } = await page.chat({ webhookUrl: node.stream.href });
    const state = await page.get<State>("/playground/state");
    expect(state.apps.find(({ id }) => id === app.id)).toEqual({
      ...{ id: app.id, name: "Acme", mode: "webhook", webhookUrl: node.stream.href, hasSecret: true, timeoutMs: 8000 },
    });
    expect(JSON.stringify(state)).not.toContain(SECRET);
    expect(await page.post(`/playground/apps/${app.id}/secret`)).toEqual({ secret: SECRET });
    const changed = await page.call("PATCH", `/playground/apps/${app.id}`, { secret: "", name: "Other" });
    expect(changed.body).toMatchObject({ hasSecret: false, name: "Other", webhookUrl: node.stream.href });
  });

  test("give the newest messages, and those before", async () => {
    const { thread } = await page.chat({});
    for (let i = 2; i <= 12; i++) page.store.addMessage(thread.id, { role: "user", content: String(i) });
    const seqs = async (query: string) =>
      (await page.get<MessageView[]>(`/playground/threads/${thread.id}/messages?${query}`)).map(({ seq }) => seq);
    expect(await seqs("limit=3")).toEqual([10, 11, 12]);
    expect(await seqs("limit=3&before=10")).toEqual([7, 8, 9]);
  });

  test("show a run of the main app's own API too", async () => {
    const { app, thread, exchanges } = await page.chat({ webhookUrl: node.url.href });
    page.store.addMessage(thread.id, { role: "user", content: "hello" });
    await fetch(`${page.base}/apps/${app.id}/threads/${thread.id}/run`, { method: "POST" });
    expect(await exchanges()).toMatchObject([
      { route: "run", state: "ended", text: "Echo: hello", verdict: { kind: "stored" } },
    ]);
  });

  test.each([
    ["another site's page", { origin: "https://evil.example" }, 403],
    ["a page of another port", { origin: "http://localhost:1" }, 403],
    ["a cross-site request", { "sec-fetch-site": "cross-site" }, 403],
    ["its own page", { "sec-fetch-site": "same-origin" }, 200],
  ])("are for %s: %j gets %i", async (_, headers, status) => {
    const { app } = await page.chat({});
    const answer = await page.call("POST", `/playground/apps/${app.id}/secret`, {}, headers as Record<string, string>);
    expect(answer.status).toBe(status);
  });

  test("let a link of another site lead to the page", async () => {
    const headers = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect((await fetch(`${page.base}/`, { headers })).status).toBe(200);
    expect((await fetch(`${page.base}/playground/state`, { headers })).status).toBe(403);
  });

  test("refuse a name that another site points here", async () => {
    const socket = connect(page.port, "127.0.0.1");
    socket.write("GET /playground/state HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    const [first] = await socket.take(1).toArray();
    expect(String(first)).toMatch(/^HTTP\/1\.1 403 /);
  });

  test.each([
    ["an empty message", { text: " " }, "Write a message first."],
    ["another route", { text: "a", route: "x" }, "The route must be stream or run."],
    ["a break that is none", { text: "a", break: "toString" }, "There is no break toString."],
    ["U+0000", { text: "a\0" }, "The main app cannot store this text: U+0000 is not stored."],
  ])("refuse %s with a sentence", async (_, body, error) => {
    const { thread } = await page.chat({ mode: "simulator" });
    expect(await page.call("POST", `/playground/threads/${thread.id}/send`, body)).toMatchObject({
      status: 400,
      body: { error },
    });
  });

  test("bound what they remember and what they show", async () => {
    using webhook = await startRawWebhook(
      chunks([delta("x".repeat(40_000)), ...Array(99).fill(delta("y".repeat(40_000))), done({})]),
    );
    const chat = await page.chat({ webhookUrl: webhook.url });
    const exchange = await chat.send("hello");
    const { response, reads } = await page.details(exchange);
    expect(exchange.text.length).toBeLessThan(300_000);
    expect(response).toMatchObject({ bodyCut: true });
    expect(reads.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(1_500_000);
  });

  test("forget the oldest of more than 200 exchanges", async () => {
    using webhook = await startRawWebhook(chunks([done({})]));
    const chat = await page.chat({ webhookUrl: webhook.url });

    const first = await chat.send("hello");
    for (let i = 0; i < 200; i++) await chat.send("hello");
    expect((await page.call("GET", `/playground/exchanges/${first.id}`)).status).toBe(404);
    expect((await chat.exchanges()).length).toBeLessThanOrEqual(200);
  });
});

describe("run all checks", () => {
  const isChecked = (event: PageEvent) => event.type === "checked";
  const checksOf = (events: readonly PageEvent[]) => events.flatMap((event) => (event.type === "check" ? [event] : []));

  test("tells each result, and the summary; one run at a time", async () => {
    const { app } = await page.chat({ webhookUrl: node.stream.href });
    const from = page.events.events.length;
    await page.post(`/playground/apps/${app.id}/checks`);
    expect(await page.call("POST", `/playground/apps/${app.id}/checks`)).toMatchObject({
      ...{ status: 409, body: { error: "The checks are running already." } },
    });
    const told = () => page.events.events.slice(from);
    const end = await page.events.until(() => told().find(isChecked));
    expect(end).toMatchObject({ passed: true, summary: expect.stringMatching(/^PASS \d+ passed/) });
    const results = checksOf(told());
    expect(results.map(({ index }) => index)).toEqual(results.map((_, i) => i));
    expect(results).toHaveLength(results[0]?.count ?? 0);
    expect(results.filter(({ check }) => check.outcome === "fail")).toEqual([]);
    expect(results.find(({ check }) => check.id === "E01")?.check).toMatchObject({ group: "stream", outcome: "pass" });
  });

  test("says why nothing can be checked", async () => {
    const { app } = await page.chat({ webhookUrl: node.stream.href, secret: "another" });
    const from = page.events.events.length;
    await page.post(`/playground/apps/${app.id}/checks`);
    const end = await page.events.until(() => page.events.events.slice(from).find(isChecked));
    expect(end).toMatchObject({
      passed: false,
      summary: expect.stringContaining("The webhook refused the first signed message."),
    });
  });

  test("shows the fix of a failure, and ends when the page goes", async () => {
    using own = await startPage();
    using webhook = await startWebhook(({ json }, response) => response.end(JSON.stringify({ reply: json?.message?.content })));
    const { app } = await own.chat({ webhookUrl: webhook.url });
    await own.post(`/playground/apps/${app.id}/checks`);
    const failed = await own.events.until(() => checksOf(own.events.events).find(({ check }) => check.outcome === "fail"));
    expect(failed.check).toMatchObject({ fix: expect.any(String), came: expect.any(String) });
    own.events.close();
    // The next run can begin when the first has ended.
    const begun = async () => (await own.call("POST", `/playground/apps/${app.id}/checks`)).status;
    await expect.poll(begun, { timeout: 10_000 }).toBe(202);
  });
});

describe("save as test", () => {
  test("makes a file that the command runs again", async () => {
    const chat = await page.chat({ webhookUrl: node.stream.href });
    const file = join(folder, "conversation.json");
    expect(await page.call("GET", `/playground/threads/${chat.thread.id}/conversation`)).toMatchObject({
      ...{ status: 409, body: { error: expect.stringMatching(/^Send a message first/) } },
    });
    await chat.send("café 😀");
    await chat.send("not this one", { break: "stale" });
    await chat.send("and /run", { route: "run" });
    const response = await fetch(`${page.base}/playground/threads/${chat.thread.id}/conversation`);
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="conversation-[0-9a-f]{8}\.json"$/);
    const text = await response.text();
    expect(text).not.toContain(SECRET);
    writeFileSync(file, text);
    expect(JSON.parse(text).messages.map(({ expect }: { expect: unknown }) => expect)).toEqual([
      { status: 200, reply: "Echo: café 😀" },
      { status: 200, reply: "Echo: and /run" },
    ]);

    const command = ["check", node.url.href, "--stream", node.stream.href, "--conversation", file];
    const env = { WEBHOOK_SECRET: SECRET };
    const { code, out } = await cli(command, { env });
    expect(out).toBe(
      '✓ "café 😀": "Echo: café 😀"\n✓ "and /run": "Echo: and /run"\nPASS 2 of 2 messages were answered as before\n',
    );
    expect(code).toBe(0);

    writeFileSync(file, text.replace('"reply": "Echo: and /run"', '"reply": "Echo: or /run"'));
    const other = await cli(command, { env });
    expect(other.out).toContain('✗ "and /run": expected 200 and "Echo: or /run"; came "Echo: and /run"\nFAIL 1 of 2');
    expect(other.code).toBe(1);
    expect((await cli(command, { env: { WEBHOOK_SECRET: "another" } })).out).toMatch(/✗ .*came 401.*signature_mismatch/);
  });

  test.each([
    ["{}", /is no conversation: save one with "Save as test"/],
    ["no JSON", /is no conversation/],
    ['{"schema":"replyhook-conversation/1","messages":[{}]}', /^Message 1 in .* needs route/],
  ])("%s is no such file", async (text, error) => {
    const file = join(folder, "wrong.json");
    writeFileSync(file, text);
    const { code, err } = await cli(["check", node.url.href, "--conversation", file]);
    expect(err).toMatch(error);
    expect(code).toBe(2);
  });
});
