import { afterAll } from "vitest";
import { startNodeServer } from "../check/server.ts";
import { SECRET, startMainApp } from "./main-app.ts";
import { startPage } from "./page-client.ts";
import { startRawWebhook } from "./raw-webhook.ts";

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

/** For all tests of a file: the main app, and a webhook that answers with given bytes. */
export async function mainAppAndWebhook() {
  const mainApp = await startMainApp();
  const webhook = await startRawWebhook();
  afterAll(() => {
    mainApp[Symbol.dispose]();
    webhook[Symbol.dispose]();
  });
  return { mainApp, webhook };
}
