import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import type { MessageView, State } from "../../local/playground/page/protocol.ts";
import { SECRET } from "./main-app.ts";
import { delta, done, startPage } from "./page-client.ts";
import { chunks, startRawWebhook } from "./raw-webhook.ts";
import { pageAndNode } from "./started.ts";

const { page, node } = await pageAndNode();

describe("a chat with the project's own webhook", () => {
  test("is signed, streamed and stored", async () => {
    const chat = await page.chat({ webhookUrl: node.stream.href });
    const exchange = await chat.send("café 😀");
    expect(exchange).toMatchObject({ route: "stream", state: "ended", status: 200, text: "Echo: café 😀" });
    expect(exchange.verdict).toEqual({
      kind: "stored",
      what: "The webhook streamed the reply and stored it.",
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
      "thread: ",
      "user message",
      "thread: hello",
      "running",
      "text",
      "assistant message",
      "thread: hello",
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
    await page.events.seen("text", ({ exchange }) => exchange === id);
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
      realChat: "Nothing: no message and no notice. Only the console of the user's browser has the reason.",
    });
    const { response } = await page.details(exchange);
    expect(response?.problem).toMatchObject({ code: "signature_mismatch", title: "Unauthorized" });
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
      ...{ id: app.id, name: "Acme", mode: "webhook", webhookUrl: node.stream.href, hasSecret: true },
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

  test("let go of a page that does not read", async () => {
    using own = await startPage();
    const { thread } = await own.chat({});
    const socket = connect(own.port, "127.0.0.1");
    socket.write("GET /playground/events HTTP/1.1\r\nHost: localhost\r\n\r\n");
    await once(socket, "readable");
    // More than waits for a page, and than the sockets of a system hold.
    for (let i = 0; i < 2000; i++) own.store.addMessage(thread.id, { role: "user", content: "x".repeat(20_000) });
    socket.resume();
    expect(await lastBytes(socket)).toMatch(/\r\n0\r\n\r\n$/);
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

/** The end of a chunked answer. */
function lastBytes(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let last = "";
    socket.on("data", (data) => {
      last = (last + data.subarray(-100).toString("latin1")).slice(-100);
      if (last.endsWith("0\r\n\r\n")) {
        socket.destroy();
        resolve(last);
      }
    });
  });
}
