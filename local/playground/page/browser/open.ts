import {
  type ExchangeDetails,
  type ExchangeView,
  MAIN_APP,
  type MessageView,
  type State,
  type ThreadView,
} from "../protocol.ts";
import { attempt, call } from "./api.ts";
import { followText } from "./live-text.ts";
import { change, changeThread, now, type View } from "./model.ts";

const PAGE_OF_MESSAGES = 50;

const firstLoad = Promise.withResolvers<void>();
/** Resolves when there is something on the page. */
export const loaded = firstLoad.promise;

/** Loads everything that is on the page. */
export const load = () =>
  attempt(async () => {
    const { replyFile, apps, mainApp } = await call<State>("GET", "/state");
    const [wantedApp, wantedThread] = location.hash.slice(1).split("/");
    const wanted = now().appId ?? wantedApp;
    const app = apps.find(({ id }) => id === wanted) ?? apps[0];
    change({ replyFile, apps, mainApp, connected: true });
    const thread = now().thread?.id ?? wantedThread ?? (wantedApp ? undefined : MAIN_APP);
    if (app) await openApp(app.id, thread);
    // Not before: a page without an open App would say for a moment that there is none, and lose what is in the message box.
    change({ loaded: true });
    firstLoad.resolve();
  });

/** After the server was away. What was running there is gone. */
export function loadAgain(): void {
  const { checks } = now();
  if (checks?.summary === null) change({ checks: { ...checks, summary: "The playground stopped before the end." } });
  void load();
}

export async function openApp(appId: string, wantedThread?: string): Promise<void> {
  const threads = await call<ThreadView[]>("GET", `/apps/${appId}/threads`);
  const thread = threads.find(({ id }) => id === wantedThread) ?? threads[0];
  change({ appId, threads });
  if (wantedThread === MAIN_APP && now().mainApp) await openThread(MAIN_APP);
  else if (thread) await openThread(thread.id);
  else newThread();
}

let opening = "";

export async function openThread(id: string): Promise<void> {
  opening = id;
  const [messages, exchanges] = await Promise.all([
    call<MessageView[]>("GET", `/threads/${id}/messages?limit=${PAGE_OF_MESSAGES}`),
    call<ExchangeView[]>("GET", `/threads/${id}/exchanges`),
  ]);
  if (opening !== id) return;
  const again = now().thread?.id === id;
  for (const exchange of exchanges) followText(exchange);
  change({ thread: { id, messages, exchanges, hasOlder: hasOlder(messages) } });
  remember();
  const last = exchanges.at(-1);
  if (last && !again) await select(last.id);
  else if (!again) change({ selected: null, details: null });
}

/** The thread itself is created with its first message. */
export function newThread(): void {
  opening = "";
  change({ thread: null, selected: null, details: null, view: "chat" });
  remember();
  focusMessage();
}

/** Not on a touch screen: its keyboard would cover half of the page. */
export function focusMessage(): void {
  if (matchMedia("(hover: hover)").matches) requestAnimationFrame(() => document.getElementById("message")?.focus());
}

/** The page's address leads to what is open. */
export function remember(): void {
  const { appId, thread } = now();
  history.replaceState(history.state, "", `#${appId ?? ""}${thread ? `/${thread.id}` : ""}`);
}

const hasOlder = (messages: readonly MessageView[]) => (messages[0]?.seq ?? 1) > 1;

let loadingOlder = false;

export async function loadOlder(): Promise<void> {
  const { thread } = now();
  const first = thread?.messages[0];
  if (!thread?.hasOlder || !first || loadingOlder) return;
  loadingOlder = true;
  await attempt(async () => {
    const path = `/threads/${thread.id}/messages?before=${first.seq}&limit=${PAGE_OF_MESSAGES}`;
    const older = await call<MessageView[]>("GET", path);
    changeThread(thread.id, ({ messages }) => ({ messages: [...older, ...messages], hasOlder: hasOlder(older) }));
  });
  loadingOlder = false;
}

/** Shows an exchange in the inspector. */
export async function select(id: string, view?: View): Promise<void> {
  const { details } = now();
  change({ selected: id, panel: "exchange", ...(details?.id !== id && { details: null }), ...(view && { view }) });
  await loadDetails(id);
}

export async function loadDetails(id: string): Promise<void> {
  const details = await call<ExchangeDetails>("GET", `/exchanges/${id}`);
  if (now().selected === id) change({ details });
}
