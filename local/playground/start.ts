import { pageAssets } from "./page/assets.ts";
import { pageHtml } from "./page/html.ts";
import { createPlayground } from "./playground.ts";
import { serve } from "./serve.ts";
import { openStore } from "./store/open.ts";
import type { Store } from "./store/store.ts";

/** As in the main app, until somebody changes it. */
const TIMEOUT_MS = 8000;

export interface PlaygroundOptions {
  /** The data file; ":memory:" keeps everything in memory. */
  readonly file: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** There is an App with this URL and this secret from the start. */
  readonly webhook?: WebhookOfApp | undefined;
  /** Where the reply of that webhook is written, for the page to name. */
  readonly replyFile?: string | undefined;
}

export interface WebhookOfApp {
  /** The name of a new App. */
  readonly name: string;
  readonly url: string;
  /** Exactly as the webhook has it. Empty: requests are not signed. */
  readonly secret: string;
}

export interface RunningPlayground {
  /** What to open. It is also the backend's URL for a webhook. */
  readonly url: string;
  /** A sentence about a damaged data file. */
  readonly notice: string | undefined;
}

/**
 * Serves the playground until this process ends. Throws a UsageError if the data file cannot be used, and the error of `listen` if
 * the port cannot.
 */
export async function startPlayground({ file, port, webhook, replyFile }: PlaygroundOptions): Promise<RunningPlayground> {
  const { store, notice } = openStore(file);
  process.once("exit", () => store.close());
  if (webhook) ensureApp(store, webhook);
  const serving = await serve(createPlayground(store, { html: pageHtml, assets: pageAssets, replyFile }), port);
  return { url: `http://localhost:${serving.port}`, notice };
}

/** An App that somebody gave another secret gets the webhook's again: the two sides start with the same. */
function ensureApp(store: Store, { name, url, secret }: WebhookOfApp): void {
  const app = store.apps().find(({ webhookUrl }) => webhookUrl === url);
  if (!app) store.createApp({ name, mode: "webhook", webhookUrl: url, secret, timeoutMs: TIMEOUT_MS });
  else if (app.secret !== secret) store.updateApp(app.id, { secret });
}
