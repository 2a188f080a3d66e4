import { listenInFront } from "../listen/front.ts";
import type { PassingOn } from "./page/main-app-requests.ts";
import { createPlayground } from "./playground.ts";
import { serve } from "./serve.ts";
import { openStore } from "./store/open.ts";
import type { App } from "./store/records.ts";
import type { Store } from "./store/store.ts";

/** As in the main app, until somebody changes it. */
const TIMEOUT_MS = 8000;

interface PlaygroundOptions {
  /** The data file; ":memory:" keeps everything in memory. */
  readonly file: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** There is an App with this URL and this secret from the start. */
  readonly webhook?: WebhookOfApp | undefined;
  /** Where the reply of that webhook is written, for the page to name. */
  readonly replyFile?: string | undefined;
  /** The requests of the real main app that come to this port are passed on to `webhook`. */
  readonly frontPort?: number | undefined;
}

interface WebhookOfApp {
  /** The name of a new App. */
  readonly name: string;
  readonly url: string;
  /** Exactly as the webhook has it. Empty: requests are not signed. */
  readonly secret: string;
  /** An App of this name whose URL is like this is the same webhook at its former place. */
  readonly formerly?: RegExp;
}

interface RunningPlayground {
  /** What to open. It is also the backend's URL for a webhook. */
  readonly url: string;
  /** A sentence about a damaged data file. */
  readonly notice: string | undefined;
  /** What to paste in the real main app. */
  readonly paste: string | undefined;
}

/**
 * Serves the playground until this process ends. Throws a UsageError if the data file cannot be used, and the error of `listen` if
 * the port cannot.
 */
export async function startPlayground(options: PlaygroundOptions): Promise<RunningPlayground> {
  const { file, port, webhook, replyFile, frontPort } = options;
  const { store, notice } = openStore(file);
  process.once("exit", () => store.close());
  const app = webhook && ensureApp(store, webhook);
  const passing = app && webhook && frontPort !== undefined ? passingOn(webhook, frontPort, app.id) : undefined;
  const playground = createPlayground(store, { replyFile, passing });
  const serving = await serve(playground, port);
  if (playground.front && frontPort !== undefined) await listenInFront(frontPort, playground.front);
  return { url: `http://localhost:${serving.port}`, notice, paste: passing?.paste };
}

/** What is pasted has the webhook's own path, so that only the port is another one. */
function passingOn({ url }: WebhookOfApp, port: number, appId: string): PassingOn {
  const to = new URL(url);
  return { to, appId, paste: `http://localhost:${port}${to.pathname}` };
}

/** An App that somebody gave another secret gets the webhook's again: the two sides start with the same. */
function ensureApp(store: Store, { name, url, secret, formerly }: WebhookOfApp): App {
  const apps = store.apps();
  const app =
    apps.find(({ webhookUrl }) => webhookUrl === url) ??
    apps.find(({ name: its, webhookUrl }) => its === name && formerly?.test(webhookUrl ?? ""));
  if (!app) return store.createApp({ name, mode: "webhook", webhookUrl: url, secret, timeoutMs: TIMEOUT_MS });
  if (app.webhookUrl === url && app.secret === secret) return app;
  return store.updateApp(app.id, { webhookUrl: url, secret }) ?? app;
}
