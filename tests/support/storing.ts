import { afterEach, beforeEach } from "vitest";
import { type AppOptions, createApp } from "../../shared/app.ts";
import { type Clock, systemClock } from "../../shared/clock.ts";
import type { PartnersReply } from "../../shared/define-reply.ts";
import { executionContext } from "../../shared/execution-context.ts";
import type { LogRecord } from "../../shared/log.ts";
import { readAsDashboard } from "./dashboard-reader.ts";
import { APP_ID, type MainApp, PARTNER_SECRET, startMainApp, THREAD_ID } from "./main-app.ts";
import { payload } from "./payload.ts";
import { escaped, signedRequest } from "./signing.ts";

/** A clock that runs twenty times as fast as the real one: a wait of five seconds takes 250 ms. */
const startedAt = Date.now();
export const quickClock: Clock = {
  wallTime: () => startedAt + (Date.now() - startedAt) * 20,
  uptime: () => performance.now() * 20,
  after: (ms, task) => systemClock.after(ms / 20, task),
};

interface Asking {
  app?: string;
  thread?: string;
  secret?: string;
  content?: string;
  signal?: AbortSignal;
}

/** A new main app for each test of a file, and webhooks in this process that store their replies in it. */
export function mainAppForEachTest(options: Parameters<typeof startMainApp>[0] = {}) {
  let current: MainApp;
  beforeEach(async () => {
    current = await startMainApp(options);
  });
  afterEach(() => current.stop());
  const webhook = (reply: PartnersReply, env: Record<string, string> = {}, clock = quickClock, more: More = {}) =>
    storingWebhook(current, reply, env, clock, more);
  return { mainApp: () => current, webhook };
}

type More = Pick<AppOptions, "once" | "stopping">;

function storingWebhook(mainApp: MainApp, reply: PartnersReply, env: Record<string, string>, clock: Clock, more: More) {
  const log: LogRecord[] = [];
  const background: Promise<unknown>[] = [];
  const app = createApp({
    env: { WEBHOOK_SECRET: PARTNER_SECRET, BACKEND_URL: mainApp.url, FALLBACK_REPLY: "Sorry.", ...env },
    reply,
    clock,
    log: (record) => log.push(record),
    ...more,
  });
  const context = executionContext((work) => background.push(work));
  const ask = async (path: string, ids: Asking = {}) => {
    const { app: appId = APP_ID, thread = THREAD_ID, content = "hi" } = ids;
    const body = JSON.stringify(payload(content, { app: { id: appId }, thread: { id: thread } }));
    const { headers, ...init } = await signedRequest(ids.secret ?? PARTNER_SECRET, Math.floor(clock.wallTime() / 1000), body, {
      path,
      signed: escaped(body),
    });
    const request = { ...init, headers: new Headers(headers), ...(ids.signal && { signal: ids.signal }) };
    return app.fetch(new Request(`http://localhost${path}`, request), {}, context);
  };
  const chat = async (ids = {}) => {
    const pieces: Uint8Array[] = [];
    for await (const piece of (await ask("/stream", ids)).body ?? []) pieces.push(piece);
    return readAsDashboard(pieces);
  };
  return { log, background, ask, chat };
}
