import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { isRecord } from "../../../shared/json-text.ts";
import { conversationOf } from "../../check/conversation.ts";
import { parseJson } from "../../sender/parse-json.ts";
import { ownComputerOnly } from "../api/own-computer.ts";
import { HttpError, reportMistake } from "../http-error.ts";
import { NotStorable } from "../python/jsonb.ts";
import type { Store } from "../store/store.ts";
import { pageAssets } from "./assets.ts";
import { ChecksRun } from "./checks.ts";
import type { ExchangeLog } from "./exchange-log.ts";
import { exchangeDetails, exchangeView } from "./exchange-view.ts";
import { appFieldsOf, limitOf, sendingOf } from "./fields.ts";
import { pageHtml } from "./html.ts";
import type { Hub } from "./hub.ts";
import type { LoggedExchange } from "./logged-exchange.ts";
import type { MainAppRequests } from "./main-app-requests.ts";
import { PageError } from "./page-error.ts";
import { MAIN_APP } from "./protocol.ts";
import { Sender } from "./sending.ts";
import { appView, MOST_CHARACTERS, messageView, newest, threadView } from "./views.ts";

const MOST_THREADS = 200;
const MAX_BODY_BYTES = 4 * 1_048_576;
const JSON_TYPE = { "Content-Type": "application/json; charset=utf-8" };
const POLICY = [
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:",
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
].join("; ");
const NOTHING_KEPT = "Send a message first: a test is made of the exchanges since the playground started.";

/** The routes of protocol.ts. */
export function pageRoutes(store: Store, log: ExchangeLog, hub: Hub, replyFile: string, mainApp?: MainAppRequests): Hono {
  const page = new Hono();
  const sender = new Sender(store, log);
  const checks = new ChecksRun(hub.tell);
  // Bundled once, before the page is asked for.
  const bundled = pageAssets();
  bundled.catch(() => {});
  hub.onEmpty = () => checks.stop();
  store.onMessage((message) => {
    hub.tell({ type: "message", threadId: message.threadId, message: messageView(message) });
    const thread = store.threadOfAnyApp(message.threadId);
    if (thread) hub.tell({ type: "thread", thread: threadView(thread, store) });
  });

  page.use(async (c, next) => {
    await next();
    c.header("Content-Security-Policy", POLICY);
    c.header("X-Content-Type-Options", "nosniff");
    c.header("Referrer-Policy", "same-origin");
    c.header("Cache-Control", "no-store");
  });
  // Before the check: a link of another site may lead here, and the page alone has no secret.
  page.get("/", (c) => c.html(String(pageHtml())));

  page.use(ownComputerOnly, bodyLimit({ maxSize: MAX_BODY_BYTES, onError: (c) => sentence(c, "That is too long.", 413) }));
  page.get("/playground/page.js", async (c) =>
    c.body((await bundled).js, 200, { "Content-Type": "text/javascript; charset=utf-8" }),
  );
  page.get("/playground/page.css", async (c) =>
    c.body((await bundled).css, 200, { "Content-Type": "text/css; charset=utf-8" }),
  );
  page.get("/playground/state", (c) => c.json({ replyFile, apps: store.apps().map(appView), mainApp: mainApp?.state ?? null }));
  page.get("/playground/events", (c) => c.body(hub.stream(), 200, { "Content-Type": "text/event-stream; charset=utf-8" }));

  page.post("/playground/apps", async (c) => {
    const fields = appFieldsOf(await bodyOf(c));
    const app = appView(store.createApp({ ...NEW_APP, ...fields }));
    hub.tell({ type: "app", app });
    return c.json(app);
  });
  page.patch("/playground/apps/:app", async (c) => {
    const fields = appFieldsOf(await bodyOf(c));
    const app = appView(store.updateApp(appOf(c).id, fields) ?? appOf(c));
    hub.tell({ type: "app", app });
    return c.json(app);
  });
  page.delete("/playground/apps/:app", (c) => {
    const { id } = appOf(c);
    log.forget(({ appId }) => appId === id);
    store.deleteApp(id);
    hub.tell({ type: "deleted", id });
    return c.json({});
  });
  page.delete("/playground/threads/:thread", (c) => {
    const { id } = threadOf(c);
    log.forget(({ threadId }) => threadId === id);
    store.deleteThread(id);
    hub.tell({ type: "deleted", id });
    return c.json({});
  });
  page.post("/playground/apps/:app/secret", (c) => c.json({ secret: appOf(c).secret ?? "" }));
  page.post("/playground/apps/:app/test", (c) => c.json({ exchange: sender.test(appOf(c)) }));
  page.post("/playground/apps/:app/checks", (c) => {
    checks.start(appOf(c));
    return c.json({}, 202);
  });
  page.post("/playground/checks/stop", (c) => {
    checks.stop();
    return c.json({});
  });
  page.get("/playground/apps/:app/threads", (c) => {
    const threads = store.threads(appOf(c).id, { limit: MOST_THREADS });
    return c.json(threads.map((thread) => threadView(thread, store)));
  });
  page.post("/playground/apps/:app/threads", (c) => c.json(threadView(store.createThread(appOf(c).id).thread, store)));

  page.get("/playground/threads/:thread/messages", (c) => {
    const before = Number(c.req.query("before")) || undefined;
    const limit = limitOf(c.req.query("limit"));
    if (mainApp && isMainApp(c)) return c.json(newest(mainApp.messages(limit, before)));
    const messages = store.glimpses(threadOf(c).id, limit, MOST_CHARACTERS, before);
    return c.json(newest(messages).map((message) => messageView(message, message.length)));
  });
  page.get("/playground/threads/:thread/exchanges", (c) => c.json(log.ofThread(loggedThreadOf(c)).map(exchangeView)));
  page.post("/playground/threads/:thread/send", async (c) => {
    const thread = threadOf(c);
    const sending = sendingOf(await bodyOf(c));
    const app = store.app(thread.appId);
    if (!app) throw new PageError(404, "There is no such App.");
    const { message, exchange } = sender.send(app, thread, sending);
    return c.json({ message: messageView(message), exchange });
  });
  page.get("/playground/threads/:thread/conversation", (c) => {
    const id = loggedThreadOf(c);
    const messages = log.ofThread(id).flatMap((entry) => entry.forConversation());
    if (messages.length === 0) throw new PageError(409, NOTHING_KEPT);
    const name = `conversation-${id.slice(0, 8)}.json`;
    return c.body(`${JSON.stringify(conversationOf(messages), null, 2)}\n`, 200, {
      ...JSON_TYPE,
      "Content-Disposition": `attachment; filename="${name}"`,
    });
  });

  page.get("/playground/exchanges/:id", (c) => c.json(exchangeDetails(entryOf(c))));
  page.post("/playground/exchanges/:id/stop", (c) => {
    entryOf(c).stop();
    return c.json({});
  });

  page.notFound((c) => sentence(c, "There is nothing here.", 404));
  page.onError((error, c) => {
    if (error instanceof PageError) return sentence(c, error.message, error.status);
    if (error instanceof HttpError) return sentence(c, error.message, error.status);
    if (error instanceof NotStorable) return sentence(c, `The main app cannot store this text: ${error.message}.`, 400);
    reportMistake(error);
    return sentence(c, "The playground made a mistake: see its terminal.", 500);
  });
  return page;

  function appOf(c: Context) {
    const app = store.app(c.req.param("app") ?? "");
    if (!app) throw new PageError(404, "There is no such App.");
    return app;
  }
  function threadOf(c: Context) {
    const thread = store.threadOfAnyApp(c.req.param("thread") ?? "");
    if (!thread) throw new PageError(404, "There is no such thread.");
    return thread;
  }
  function isMainApp(c: Context): boolean {
    return mainApp !== undefined && c.req.param("thread") === MAIN_APP;
  }
  /** The id of a thread that has exchanges. */
  function loggedThreadOf(c: Context): string {
    return isMainApp(c) ? MAIN_APP : threadOf(c).id;
  }
  function entryOf(c: Context): LoggedExchange {
    const entry = log.entry(c.req.param("id") ?? "");
    if (!entry) throw new PageError(404, "This exchange is no longer there: the playground remembers the last 200.");
    return entry;
  }
}

const NEW_APP = { name: "My App", mode: "webhook", webhookUrl: null, secret: null, timeoutMs: 8000 };

function sentence(c: Context, error: string, status: PageError["status"] | HttpError["status"] | 413 | 500): Response {
  return c.json({ error }, status);
}

async function bodyOf(c: Context): Promise<Record<string, unknown>> {
  try {
    const text = await c.req.text();
    const value: unknown = text === "" ? {} : parseJson(text);
    if (isRecord(value)) return value;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new PageError(400, "The request is no JSON object.");
}
