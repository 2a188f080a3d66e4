import { afterAll } from "vitest";
import type { AppFields } from "../../local/playground/store/records.ts";
import { startNodeServer } from "../check/server.ts";
import { SECRET, startMainApp } from "./main-app.ts";
import { startPage } from "./page-client.ts";
import { type Steps, startRawWebhook } from "./raw-webhook.ts";

/** For all tests of a file: a playground, and the project's own webhook, which stores its streamed replies through it. */
export async function pageAndNode() {
  const page = await startPage();
  const node = await startNodeServer({ WEBHOOK_SECRET: SECRET, BACKEND_URL: page.base });
  afterAll(async () => {
    page[Symbol.dispose]();
    await node[Symbol.asyncDispose]();
  });
  return { page, node };
}

/** For all tests of a file: the main app, and callers of its Partner API. */
export async function onlyMainApp() {
  const mainApp = await startMainApp();
  afterAll(() => mainApp[Symbol.dispose]());
  return {
    mainApp,
    /** An App with a thread, and calls with its secret. */
    partner() {
      const chat = mainApp.chat({});
      const get = (path: string) => mainApp.call("GET", `/apps/${chat.app.id}${path}`, undefined, chat.partner);
      const post = (path: string, body: string | Uint8Array<ArrayBuffer>, headers = {}) =>
        mainApp.call("POST", `/apps/${chat.app.id}${path}`, body, { ...chat.partner, ...headers });
      return { ...chat, get, post, messages: `/threads/${chat.thread.id}/messages` };
    },
  };
}

/** For all tests of a file: the main app, and a webhook that answers with given bytes. */
export async function mainAppAndWebhook() {
  const { mainApp } = await onlyMainApp();
  const webhook = await startRawWebhook();
  afterAll(() => webhook[Symbol.dispose]());
  return {
    ...{ mainApp, webhook },
    /** A chat with that webhook, which answers so from now on. */
    chatWith(steps: Steps, fields: Partial<AppFields> = {}, content?: string | null) {
      webhook.answers(steps);
      return mainApp.chat({ webhookUrl: webhook.url, ...fields }, content);
    },
  };
}
