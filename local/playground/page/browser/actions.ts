import type { AppFields, AppView, ExchangeDetails, MessageView, ThreadView } from "../protocol.ts";
import { attempt, call } from "./api.ts";
import { listening } from "./events.ts";
import { addMessage, change, currentApp, now, putApp, putThread } from "./model.ts";
import { openApp, openThread, select } from "./open.ts";

export const send = (text: string) =>
  attempt(async () => {
    const { appId, breaking, route } = now();
    if (!appId) return;
    await listening;
    const id = now().thread?.id ?? (await startThread(appId));
    const sent = await call<{ message: MessageView; exchange: string }>("POST", `/threads/${id}/send`, {
      ...{ text, route },
      ...(breaking && { break: breaking }),
    });
    addMessage(id, sent.message);
    change({ breaking: null, notice: null, hint: null });
    // The next message does not wait for the inspector, and whoever opened another thread meanwhile stays there.
    if (now().thread?.id === id) void attempt(() => select(sent.exchange));
  });

async function startThread(appId: string): Promise<string> {
  const thread = await call<ThreadView>("POST", `/apps/${appId}/threads`);
  putThread(thread);
  await openThread(thread.id);
  return thread.id;
}

export const stop = (exchange: string) => attempt(() => call("POST", `/exchanges/${exchange}/stop`));

export function showThread(id: string): void {
  change({ view: "chat" });
  void attempt(() => openThread(id));
}

export const inspect = (exchange: string) => attempt(() => select(exchange, "inspector"));

export async function saveApp(id: string, fields: AppFields): Promise<AppView> {
  const app = id === "new" ? await call<AppView>("POST", "/apps", fields) : await call<AppView>("PATCH", `/apps/${id}`, fields);
  putApp(app);
  if (id === "new") await openApp(app.id);
  return app;
}

/** The page hears of it as the others do. */
export const deleteApp = (id: string) => call("DELETE", `/apps/${id}`);
export const deleteThread = (id: string) => attempt(() => call("DELETE", `/threads/${id}`));

export const secretOf = async (app: string) => (await call<{ secret: string }>("POST", `/apps/${app}/secret`)).secret;

export async function testWebhook(app: string): Promise<void> {
  change({ test: null });
  const { exchange } = await call<{ exchange: string }>("POST", `/apps/${app}/test`);
  const test = await call<ExchangeDetails>("GET", `/exchanges/${exchange}`);
  // Its end may have come as an event already.
  if (now().test?.id !== exchange) change({ test });
}

export const runChecks = () =>
  attempt(async () => {
    const app = currentApp(now());
    if (!app) return;
    const before = now().checks;
    const checks = { url: app.webhookUrl, results: [], count: 0, summary: null, passed: false };
    change({ checks, panel: "checks", view: "inspector" });
    try {
      await call("POST", `/apps/${app.id}/checks`);
    } catch (error) {
      change({ checks: before, panel: before ? "checks" : "exchange" });
      throw error;
    }
  });

export const stopChecks = () => attempt(() => call("POST", "/checks/stop"));
