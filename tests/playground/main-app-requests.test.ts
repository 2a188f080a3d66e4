import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { type ExchangeView, MAIN_APP, type MessageView, type State } from "../../local/playground/page/protocol.ts";
import { startInFront } from "./in-front.ts";
import { SECRET } from "./main-app.ts";
import { delta, done, startPage } from "./page-client.ts";
import { answer, chunks, head, type Steps } from "./raw-webhook.ts";

const STORED = done({ status: "completed", message_id: "m-1", seq: 3 });

describe("playground --to", () => {
  test("passes a request of the main app on unchanged, and its stream back as it comes", async () => {
    using all = await startInFront(chunks([delta("one "), 50, delta("two"), STORED]));
    const direct = await all.direct.stream();
    const [asked] = all.webhook.requests.splice(0);
    const through = await all.through.stream();
    expect(through.chunks).toEqual(direct.chunks);
    const [passed] = all.webhook.requests;
    const comparable = (request = asked) => {
      const ids = /[0-9a-f]{8}-[0-9a-f-]{27}/g;
      const times = /sha256=\w+|X-Timestamp: \d+|"timestamp":"[^"]*"/g;
      return `${request?.head}\n\n${request?.body}`.replace(ids, "ID").replace(times, "");
    };
    expect(comparable(passed)).toBe(comparable());
  });

  test("shows the request like one of the page, with the signature verified", async () => {
    using all = await startInFront(chunks([delta("one "), delta("two"), STORED]));
    await all.through.stream();
    const exchange = await all.shown();
    expect(exchange).toMatchObject({ route: "passed", status: 200, text: "one two", state: "ended", threadId: MAIN_APP });
    expect(exchange.verdict).toMatchObject({ kind: "stored", realChat: expect.stringContaining("The text grew") });
    const { verification, signature, request, reads, response } = await all.page.details(exchange);
    expect(verification).toMatchObject({ holds: true, faults: [], hints: [] });
    expect(signature).toMatchObject({ form: "escaped", signed: expect.stringContaining("caf\\u00e9 \\ud83d\\ude00") });
    expect(signature?.header).toBe(signature?.came);
    expect(signature?.rawHeader).not.toBe(signature?.header);
    expect(request.head).toContain(`X-Thread-Id: ${all.through.thread.id}`);
    expect(request.body).toContain('"content":"café 😀"');
    expect(request.curl).toContain("openssl dgst");
    expect(reads.map(({ makes }) => makes)).toEqual(['shows "one "', 'shows "two"', "ends: done"]);
    expect(response?.head).toContain("text/event-stream");
    const messages = await all.page.get<MessageView[]>(`/playground/threads/${MAIN_APP}/messages?limit=50`);
    expect(messages).toMatchObject([{ id: exchange.messageId, role: "user", content: "café 😀", seq: 1 }]);
    expect(await all.page.get(`/playground/threads/${MAIN_APP}/exchanges`)).toEqual([exchange]);
    expect((await all.page.get<State>("/playground/state")).mainApp).toEqual({ paste: all.page.paste, to: all.webhook.url });
  });

  test("its text is on the page while it streams", async () => {
    using all = await startInFront(chunks([delta("first"), 60_000]));
    const running = all.through.stream();
    running.catch(() => {});
    await all.page.events.seen("text", ({ text }) => text === "first");
    const [exchange] = await all.page.get<ExchangeView[]>(`/playground/threads/${MAIN_APP}/exchanges`);
    expect(exchange).toMatchObject({ state: "running", text: "first" });
  });

  test.each([
    ["another secret", "another", /^None of \d+ combinations/, "signature does not hold with the secret here"],
    ["the secret in quotes", `"${SECRET}"`, undefined, "signature does not hold"],
  ])("says why the signature does not hold: %s", async (_, secret, hint, what) => {
    using all = await startInFront(chunks([delta("text"), STORED]), { secret });
    await all.through.stream();
    const exchange = await all.shown();
    expect(exchange.verdict?.what).toContain(what);
    const { verification, signature } = await all.page.details(exchange);
    expect(verification?.holds).toBe(false);
    if (hint) expect(verification?.hints[0]).toMatch(hint);
    else expect(verification?.faults[0]?.what).toContain("quotes");
    expect(signature?.header).not.toBe(signature?.came);
  });

  test("without a secret it says that it was not verified, and a secret of the settings counts from the next request on", async () => {
    using all = await startInFront(answer('{"reply":"text"}'), { secret: "" });
    await all.through.run();
    const first = await all.page.details(await all.shown());
    expect([first.signature, first.verification?.holds]).toEqual([null, null]);
    const [app] = all.page.store.apps();
    await all.page.call("PATCH", `/playground/apps/${app?.id}`, { secret: SECRET });
    all.page.events.events.length = 0;
    await all.through.run();
    const second = await all.page.details(await all.shown());
    expect(second.verification?.holds).toBe(true);
  });

  test("the Test button is shown as it ends in the dashboard", async () => {
    using all = await startInFront(answer('{"reply":"pong"}'));
    expect((await all.through.test()).json()).toMatchObject({ ok: true });
    const exchange = await all.shown();
    expect(exchange).toMatchObject({ route: "test", text: "pong", threadId: MAIN_APP });
    expect(exchange.verdict?.realChat).toMatch(/^200 OK — \d+ms\. Reply: pong\. Signature: Sent ✓\.$/);
  });

  const CUT = [head({ headers: "Content-Length: 9\r\n" }), "{"];
  const REFUSED = answer('{"code":"signature_mismatch","detail":"No."}', { status: "401 Unauthorized" });
  const FORGOTTEN = "shown and forgotten";
  test.each<[string, Steps, what: RegExp, realChat: RegExp, kind?: string]>([
    ["JSON", answer('{"reply":"text"}'), /caller of \/run gets/, /URL that streams/, FORGOTTEN],
    ["HTML", answer("<html>", { type: "text/html" }), /text\/html/, /^Nothing/],
    ["a refusal", REFUSED, /refused the signature/, /^Nothing/],
    ["a stream without done", chunks([delta("text")]), /without a done event/, /Waiting/],
    ["an empty done", chunks([delta("text"), done({})]), /stores nothing/, /vanished/, FORGOTTEN],
    ["an answer that breaks off", CUT, /./, /^Nothing/],
    ["no HTTP", ["SSH-2.0\r\n"], /cannot read the answer/, /^Nothing/],
  ])("says what the real chat shows: %s", async (_, steps, what, realChat, kind = "failed") => {
    using all = await startInFront(steps);
    await all.through.stream();
    const { verdict } = await all.shown();
    expect(verdict).toEqual({ kind, what: expect.stringMatching(what), realChat: expect.stringMatching(realChat) });
  });

  test("a compressed stream goes back as it is, and is read on the page", async () => {
    const packed = gzipSync(delta("packed") + STORED);
    using all = await startInFront(answer(packed, { type: "text/event-stream", headers: "Content-Encoding: gzip\r\n" }));
    expect((await all.through.stream()).chunks.join("")).toContain("packed");
    const exchange = await all.shown();
    expect(exchange.text).toBe("packed");
    expect((await all.page.details(exchange)).response?.body).toContain('{"text":"packed"}');
  });

  test("a caller that hangs up is said", async () => {
    using all = await startInFront([60_000]);
    all.mainApp.store.updateApp(all.through.app.id, { timeoutMs: 300 });
    await all.through.stream();
    const { verdict, id } = await all.shown();
    expect(verdict?.what).toContain("The chat hung up");
    expect((await all.page.details({ id })).response?.failure).toContain("the main app hung up");
  });

  test("a conversation of the main app is saved as a test, with its own ids", async () => {
    using all = await startInFront(chunks([delta("text"), STORED]));
    await all.through.stream();
    await all.shown();
    const { messages } = await all.page.get<{ messages: unknown[] }>(`/playground/threads/${MAIN_APP}/conversation`);
    expect(messages).toMatchObject([
      { route: "stream", app_id: all.through.app.id, thread_id: all.through.thread.id, expect: { status: 200, reply: "text" } },
    ]);
  });

  test("shows no password of the dashboard's URL, and no secret", async () => {
    using all = await startInFront(answer(`{"reply":"${SECRET}"}`));
    const url = new URL(all.page.paste);
    [url.username, url.password] = ["user", "the-password"];
    all.mainApp.store.updateApp(all.through.app.id, { webhookUrl: url.href });
    await all.through.run();
    const details = JSON.stringify(await all.page.details(await all.shown()));
    const [asked] = all.webhook.requests;
    const [, credentials = "?"] = /^Authorization: (.*)$/m.exec(asked?.head ?? "") ?? [];
    expect(credentials).toMatch(/^Basic /);
    for (const text of [credentials, "the-password", SECRET]) expect(details).not.toContain(text);
  });

  test("what is no message passes through without a line on the page", async () => {
    using all = await startInFront(answer("hello", { type: "text/plain" }));
    expect(await (await fetch(all.page.paste)).text()).toBe("hello");
    expect(await all.page.get(`/playground/threads/${MAIN_APP}/exchanges`)).toEqual([]);
  });

  test("without it, the page has no such thread", async () => {
    using page = await startPage();
    expect((await page.get<State>("/playground/state")).mainApp).toBeNull();
    expect((await page.call("GET", `/playground/threads/${MAIN_APP}/messages`)).status).toBe(404);
  });
});
