import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { pageWords } from "../../local/playground/page/check-words.ts";
import type { AppView, ThreadView } from "../../local/playground/page/protocol.ts";
import { delta, done, startPage, startWebhook } from "./page-client.ts";
import { answer, chunks, startRawWebhook } from "./raw-webhook.ts";

describe("deleting", () => {
  test("a thread takes its messages and exchanges with it, and every page hears of it", async () => {
    using page = await startPage();
    using webhook = await startRawWebhook(chunks([delta("text"), done({})]));
    const chat = await page.chat({ webhookUrl: webhook.url });
    const { id } = await chat.send("hello");
    expect((await page.call("DELETE", `/playground/threads/${chat.thread.id}`)).status).toBe(200);
    for (const path of [`threads/${chat.thread.id}/messages`, `threads/${chat.thread.id}/exchanges`, `exchanges/${id}`])
      expect((await page.call("GET", `/playground/${path}`)).status).toBe(404);
    expect(await page.get<ThreadView[]>(`/playground/apps/${chat.app.id}/threads`)).toEqual([]);
    await page.events.seen("deleted", (event) => event.id === chat.thread.id);
  });

  test("an App takes its threads with it", async () => {
    using page = await startPage();
    const [chat, other] = [await page.chat({}), await page.chat({})];
    expect((await page.call("DELETE", `/playground/apps/${chat.app.id}`)).status).toBe(200);
    const { apps } = await page.get<{ apps: AppView[] }>("/playground/state");
    expect(apps).toEqual([other.app]);
    expect((await page.call("GET", `/playground/threads/${chat.thread.id}/messages`)).status).toBe(404);
    expect((await other.messages()).length).toBe(1);
    await page.events.seen("deleted", ({ id }) => id === chat.app.id);
    expect((await page.call("DELETE", `/playground/apps/${chat.app.id}`)).status).toBe(404);
  });

  test("waits for what is still being answered", async () => {
    using page = await startPage();
    using webhook = await startRawWebhook([60_000]);
    const chat = await page.chat({ webhookUrl: webhook.url });
    const arrived = webhook.received();
    const exchange = await chat.begin({ text: "hello" });
    await arrived;
    for (const path of [`apps/${chat.app.id}`, `threads/${chat.thread.id}`])
      expect(await page.call("DELETE", `/playground/${path}`)).toMatchObject({
        ...{ status: 409, body: { error: "A message is still being answered: stop it first." } },
      });
    await page.post(`/playground/exchanges/${exchange}/stop`);
    await page.events.ended(exchange);
    expect((await page.call("DELETE", `/playground/apps/${chat.app.id}`)).status).toBe(200);
  });
});

test("a change of the mode keeps the URL and the secret", async () => {
  using page = await startPage();
  const { app } = await page.chat({ webhookUrl: "http://localhost:1/stream" });
  for (const mode of ["simulator", "webhook"])
    expect((await page.call("PATCH", `/playground/apps/${app.id}`, { mode })).body).toEqual({ ...app, mode });
});

test("the timing has the App's own time-out, and the Test button's is always 8 s", async () => {
  using page = await startPage();
  using webhook = await startRawWebhook(answer('{"reply":"text"}'));
  const chat = await page.chat({ webhookUrl: webhook.url, timeoutMs: 3000 });
  const limit = async (exchange: { id: string }) => (await page.details(exchange)).timing.limitMs;
  expect([await limit(await chat.send("hello")), await limit(await chat.test())]).toEqual([3000, 8000]);
});

describe("the checks", () => {
  test("end when somebody stops them, and say so", async () => {
    using page = await startPage();
    using webhook = await startWebhook(({ json }, response) => response.end(JSON.stringify({ reply: json?.message?.content })));
    const { app } = await page.chat({ webhookUrl: webhook.url });
    await page.post(`/playground/apps/${app.id}/checks`);
    await page.events.seen("check");
    await page.post("/playground/checks/stop");
    const end = await page.events.seen("checked");
    expect(end).toMatchObject({ passed: false, summary: expect.stringContaining("the run was stopped") });
  });

  test("name no option of the command", () => {
    const said = ["preflight", "runner", "expect"].flatMap((name) => {
      const source = readFileSync(`local/check/${name}.ts`, "utf8");
      return [...source.matchAll(/["`]([^"`\n]* \(?--[a-z][^"`\n]*)["`]/g)].map(([, text = ""]) => text);
    });
    expect(said.length).toBeGreaterThan(5);
    expect(said.map(pageWords).filter((text) => text.includes("--"))).toEqual([]);
  });
});
