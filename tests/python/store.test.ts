import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSettings } from "../../shared/settings.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { sendTo } from "../support/http-target.ts";
import { APP_ID, type MainApp, type Mishap, PARTNER_SECRET, startMainApp, THREAD_ID } from "../support/main-app-stand-in.ts";
import { NIL_THREAD, payload } from "../support/payload.ts";
import { escaped, signedRequest } from "../support/signing.ts";
import { textOf } from "../support/target.ts";
import { start } from "./start.ts";

describe("a streamed reply", () => {
  let mainApp: MainApp;
  beforeEach(async () => {
    mainApp = await startMainApp();
  });
  afterEach(() => mainApp.stop());

  interface Asking {
    secret?: string;
    path?: string;
    ids?: object;
    env?: Record<string, string>;
    python?: string;
  }
  const ask = async ({ secret = PARTNER_SECRET, path = "/stream", ids = {}, env, python }: Asking = {}) => {
    const { port, output } = await start({ WEBHOOK_SECRET: secret, BACKEND_URL: mainApp.url, ...env }, python);
    const body = JSON.stringify(payload("café 😀", { app: { id: APP_ID }, thread: { id: THREAD_ID }, ...ids }));
    const headers = { Accept: path === "/" ? "*/*" : "text/event-stream" };
    const now = Math.floor(Date.now() / 1000);
    const answer = await sendTo(port, await signedRequest(secret, now, body, { path, headers, signed: escaped(body) }));
    return { answer, done: readAsDashboard(answer.pieces).done, output };
  };

  test("is stored before done, which says where", async () => {
    const { done, output } = await ask();
    const url = `/apps/${APP_ID}/threads/${THREAD_ID}/messages/assistant`;
    expect(mainApp.requests).toEqual([{ method: "POST", url, secret: PARTNER_SECRET, appId: APP_ID }]);
    expect(mainApp.messages).toMatchObject([{ content: "Echo: café 😀", content_json: { request_id: expect.any(String) } }]);
    expect(done).toEqual({ status: "completed", message_id: mainApp.messages[0]?.id, seq: 1 });
    expect(output()).not.toContain("warning");
  });

  test("is stored with the secret that verified the message", async () => {
    await ask({ env: { WEBHOOK_SECRET: "the new one", WEBHOOK_SECRET_PREVIOUS: PARTNER_SECRET } });
    expect(mainApp.messages).toHaveLength(1);
  });

  test("that failed is stored with the fallback text that was shown", async () => {
    const python = "def reply(payload):\n  yield 'so far'\n  raise ValueError\nserver.reply = reply";
    const { done } = await ask({ python, env: { FALLBACK_REPLY: "Sorry!" } });
    expect(mainApp.messages).toMatchObject([{ content: "so far\n\nSorry!" }]);
    expect(done).toMatchObject({ seq: 1 });
  });

  test.each<[fate: string, what: Mishap | "401" | "refused" | "no such host"]>([
    ["was not stored", "401"],
    ["was not stored", "404"],
    ["was not stored", "422"],
    ["was not stored", "429"],
    ["was not stored", "refused"],
    ["was not stored", "no such host"],
    ["may have been stored", "500"],
    ["may have been stored", "503 but stored"],
    ["may have been stored", "cut off but stored"],
    ["may have been stored", "hang"],
    ["may have been stored", "redirect"],
    ["may have been stored", "not json"],
    ["may have been stored", "huge"],
    ["may have been stored", "huge id"],
  ])("%s, the log says, after one post that met: %s", async (fate, what) => {
    const asking: Asking = { python: "store.STORE_SECONDS = 0.5" };
    if (what === "401") asking.secret = "another";
    else if (what === "refused") mainApp.stop();
    else if (what === "no such host") asking.env = { BACKEND_URL: "https://main-app.invalid" };
    else mainApp.next(what);
    const { done, output } = await ask(asking);
    expect(done).toEqual({ status: "completed" });
    expect(
      output().match(/ {2}not_stored {2}[0-9a-f-]{36} {2}The reply (.*), (?:so|but) the chat will forget it \(.*\)\. Is /)?.[1],
    ).toBe(fate);
    expect(mainApp.requests).toHaveLength(["refused", "no such host"].includes(what) ? 0 : 1);
    expect(output()).not.toContain("another");
  });

  test("waits no longer than its time-out for an answer that comes in drops", async () => {
    const drops: NodeJS.Timeout[] = [];
    const dripping = createServer((socket) => {
      drops.push(setInterval(() => socket.write("x"), 50));
      socket.on("error", () => {});
    });
    await once(dripping.listen(0, "127.0.0.1"), "listening");
    const env = { BACKEND_URL: `http://127.0.0.1:${(dripping.address() as AddressInfo).port}` };
    const { done, output } = await ask({ env, python: "store.STORE_SECONDS = 0.5" });
    expect([done, output()]).toEqual([{ status: "completed" }, expect.stringContaining("may have been stored")]);
    for (const drop of drops) clearInterval(drop);
    dripping.close();
  });

  test.each<[string, Asking]>([
    ["the nil thread", { ids: NIL_THREAD }],
    ["the nil app", { ids: { app: NIL_THREAD.thread } }],
    ["a thread that is no UUID", { ids: { thread: { id: `${THREAD_ID}/../x` } } }],
    ["an app that is no UUID", { ids: { app: { id: "a1" } } }],
    ["a JSON answer", { path: "/" }],
    ["a secret that no header can carry", { secret: "geheimé" }],
    ["a secret with white space around it", { secret: `${PARTNER_SECRET} ` }],
    ["an empty text", { python: "server.reply = lambda payload: ''" }],
  ])("is never posted for %s", async (_, asking) => {
    const { answer } = await ask(asking);
    expect([answer.status, mainApp.requests]).toEqual([200, []]);
    expect(textOf(answer)).toMatch(/completed"\}\n\n$|"\}$/);
  });

  test("is not stored, and the start says so as the TypeScript core does, where a setting does not allow it", async () => {
    for (const env of [
      { BACKEND_URL: "http://example.com", WEBHOOK_SECRET: "s" },
      { BACKEND_URL: "http://localhost.example.com", WEBHOOK_SECRET: "s" },
      { BACKEND_URL: "https://user@example.com", WEBHOOK_SECRET: "s" },
      { BACKEND_URL: "https://example.com/?q", WEBHOOK_SECRET: "s" },
      { BACKEND_URL: "https://example.com" },
      { BACKEND_URL: "https://example.com", WEBHOOK_SECRET: "é" },
      { BACKEND_URL: "http://[::1]:8000/api/", WEBHOOK_SECRET: "s" },
      { BACKEND_URL: "https://example.com:8443/api", WEBHOOK_SECRET: "s" },
    ]) {
      const { output } = await start(env as Record<string, string>);
      const warnings = [...output().matchAll(/ {2}warning {3}(.*)/g)].map(([, warning]) => warning);
      expect(warnings).toEqual(readSettings(env).warnings);
    }
  });
});
