import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { sendTo } from "../support/http-target.ts";
import { APP_ID, FIRST_SEQ, type MainApp, type Mishap, PARTNER_SECRET, startMainApp, THREAD_ID } from "../support/main-app.ts";
import { NIL_THREAD, payload } from "../support/payload.ts";
import { escaped, signedRequest } from "../support/signing.ts";
import { start } from "./start.ts";

describe("a streamed reply", () => {
  let mainApp: MainApp;
  beforeEach(async () => {
    mainApp = await startMainApp();
  });
  afterEach(() => mainApp.stop());

  const ask = async (env: Record<string, string> = {}, { python = "", path = "/stream", ids = {} } = {}) => {
    const { port, output } = await start({ WEBHOOK_SECRET: PARTNER_SECRET, BACKEND_URL: mainApp.url, ...env }, python);
    const body = JSON.stringify(payload("café 😀", { app: { id: APP_ID }, thread: { id: THREAD_ID }, ...ids }));
    const secret = env.WEBHOOK_SECRET_PREVIOUS ?? env.WEBHOOK_SECRET ?? PARTNER_SECRET;
    const sending = { path, headers: { Accept: path === "/" ? "*/*" : "text/event-stream" }, signed: escaped(body) };
    const answer = await sendTo(port, await signedRequest(secret, Math.floor(Date.now() / 1000), body, sending));
    return { status: answer.status, done: readAsDashboard(answer.pieces).done, output };
  };

  test("is stored before done, which says where, with the secret that verified the message", async () => {
    const { done } = await ask({ WEBHOOK_SECRET: "the new one", WEBHOOK_SECRET_PREVIOUS: PARTNER_SECRET });
    const url = `/apps/${APP_ID}/threads/${THREAD_ID}/messages/assistant`;
    const type = "application/json";
    expect(mainApp.requests).toEqual([{ method: "POST", url, type, secret: PARTNER_SECRET, appId: APP_ID }]);
    expect(mainApp.messages).toMatchObject([
      {
        content: "Echo: café 😀",
        contentJson: new Map([
          ["request_id", expect.any(String)],
          ["source", "dashboard_agent"],
        ]),
      },
    ]);
    expect(done).toEqual({ status: "completed", message_id: mainApp.messages[0]?.id, seq: FIRST_SEQ });
  });

  test("that failed is stored with the fallback text that was shown", async () => {
    const python = "def reply(payload):\n  yield 'so far'\n  raise ValueError\nserver.reply = reply";
    const { done } = await ask({ FALLBACK_REPLY: "Sorry!" }, { python });
    expect(mainApp.messages).toMatchObject([{ content: "so far\n\nSorry!" }]);
    expect(done).toMatchObject({ seq: FIRST_SEQ });
  });

  const [no, maybe] = ["was not stored", "may have been stored"];
  const cases = [
    ...["401", "422", "refused", "no such host"].map((what) => [no, what] as const),
    ...["503 but stored", "cut off but stored", "hang", "redirect", "huge", "huge id"].map((what) => [maybe, what] as const),
  ];
  test.each(cases)("%s, the log says, after one post that met: %s", async (fate, what) => {
    const env: Record<string, string> = {};
    if (what === "401") env.WEBHOOK_SECRET = "another";
    else if (what === "refused") mainApp.stop();
    else if (what === "no such host") env.BACKEND_URL = "https://main-app.invalid";
    else mainApp.next(what as Mishap);
    const { done, output } = await ask(env, { python: "server.STORE_SECONDS = 0.5" });
    expect(done).toEqual({ status: "completed" });
    expect(output()).toMatch(new RegExp(` {2}not_stored {2}[0-9a-f-]{36} {2}The reply ${fate} \\(\\w+\\)\\. Check `));
    expect(mainApp.requests).toHaveLength(["refused", "no such host"].includes(what) ? 0 : 1);
    expect(output()).not.toContain("another");
  });

  test.each([
    ["the nil thread", { ids: NIL_THREAD }],
    ["a thread that is no UUID", { ids: { thread: { id: `${THREAD_ID}/../x` } } }],
    ["an app that is no UUID", { ids: { app: { id: "a1" } } }],
    ["a JSON answer", { path: "/" }],
    ["an empty text", { python: "server.reply = lambda payload: ''" }],
  ])("is never posted for %s", async (_, asking) => {
    expect((await ask({}, asking)).status).toBe(200);
    expect(mainApp.requests).toEqual([]);
  });

  test("is stored where the secret is safe, and the start says whether", async () => {
    const storing = async (url: string) => (await start({ BACKEND_URL: url, WEBHOOK_SECRET: "s" })).output();
    for (const url of ["http://example.com", "http://localhost.a.b", "http://localhost@a.b", "https://a.b/?q", "https://u@a.b"])
      expect(await storing(url)).toContain("\n  storing   off");
    for (const url of ["http://[::1]:8000/api/", "https://example.com:8443/api"])
      expect(await storing(url)).toContain("\n  storing   on\n");
  });
});
