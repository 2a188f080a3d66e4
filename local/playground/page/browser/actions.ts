import {
  type AppFields,
  type AppView,
  type ExchangeDetails,
  type ExchangeView,
  MAIN_APP,
  type MessageView,
  type PageEvent,
  type State,
  type ThreadView,
} from "../protocol.ts";
import { call } from "./api.ts";
import { listening } from "./events.ts";
import { addText, endText, startText } from "./live-text.ts";
import { change, currentApp, now, type OpenThread, type View } from "./model.ts";

const PAGE_OF_MESSAGES = 50;
const NIL = "00000000-0000-0000-0000-000000000000";

/** A failure becomes a notice. Resolves with whether it went well. */
export async function attempt(action: () => Promise<void>): Promise<boolean> {
  try {
    await action();
    return true;
  } catch (error) {
    change({ notice: error instanceof Error ? error.message : String(error) });
    return false;
  }
}

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

/** Shows an exchange in the inspector. */
export async function select(id: string, view?: View): Promise<void> {
  const { details } = now();
  change({ selected: id, panel: "exchange", ...(details?.id !== id && { details: null }), ...(view && { view }) });
  await inspect(id);
}

async function inspect(id: string): Promise<void> {
  const details = await call<ExchangeDetails>("GET", `/exchanges/${id}`);
  if (now().selected === id) change({ details });
}

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
    change({
      checks: { results: [], count: 0, summary: null, passed: false },
      panel: "checks",
      view: "inspector",
    });
    try {
      await call("POST", `/apps/${app.id}/checks`);
    } catch (error) {
      change({ checks: before, panel: before ? "checks" : "exchange" });
      throw error;
    }
  });

export const stopChecks = () => attempt(() => call("POST", "/checks/stop"));

export function came(event: PageEvent): void {
  if (event.type === "text") addText(event.exchange, event.text);
  else if (event.type === "exchange") putExchange(event.exchange);
  else if (event.type === "message") addMessage(event.threadId, event.message);
  else if (event.type === "thread") putThread(event.thread);
  else if (event.type === "app") putApp(event.app);
  else if (event.type === "deleted") drop(event.id);
  else {
    const { checks } = now();
    // Another page may run them.
    if (checks?.summary !== null) return;
    if (event.type === "checked") change({ checks: { ...checks, passed: event.passed, summary: event.summary } });
    else change({ checks: { ...checks, count: event.count, results: [...checks.results, event.check] } });
  }
}

function followText({ id, state, text }: ExchangeView): void {
  if (state === "running") startText(id, text);
  else endText(id);
}

function putExchange(exchange: ExchangeView): void {
  const { selected, details, settings, thread } = now();
  if (exchange.threadId === NIL) {
    if (exchange.appId === settings) change({ test: exchange });
  } else {
    const last = thread?.exchanges.at(-1)?.id ?? null;
    // Whoever looks at the newest request of the main app goes on to the next one.
    const follows = thread?.id === MAIN_APP && exchange.threadId === MAIN_APP && selected === last;
    if (follows && !thread.exchanges.some(({ id }) => id === exchange.id)) void attempt(() => select(exchange.id));
    if (exchange.state === "ended" || exchange.threadId === now().thread?.id) followText(exchange);
    changeThread(exchange.threadId, ({ exchanges }) => ({ exchanges: put(exchanges, exchange) }));
  }
  if (selected === exchange.id && details?.state !== "ended") void attempt(() => inspect(exchange.id));
}

function addMessage(threadId: string, message: MessageView): void {
  changeThread(threadId, ({ messages }) => {
    const others = messages.filter(({ id }) => id !== message.id);
    return { messages: [...others, message].sort((one, other) => one.seq - other.seq) };
  });
}

function putThread(thread: ThreadView): void {
  const { threads, appId } = now();
  if (thread.appId !== appId) return;
  const others = threads.filter(({ id }) => id !== thread.id);
  change({ threads: [thread, ...others].sort((one, other) => other.updatedAt - one.updatedAt) });
}

/** If it is open, what is next to it opens. */
function drop(id: string): void {
  const { appId, thread } = now();
  const apps = now().apps.filter((app) => app.id !== id);
  change({ apps, threads: now().threads.filter((one) => one.id !== id) });
  const next = id === appId ? apps[0]?.id : id === thread?.id ? appId : undefined;
  if (next) void attempt(() => openApp(next));
  else if (id === appId) {
    change({ appId: null, threads: [] });
    newThread();
  }
}

const putApp = (app: AppView) => change({ apps: put(now().apps, app) });

function changeThread(id: string, changes: (thread: OpenThread) => Partial<OpenThread>): void {
  const { thread } = now();
  if (thread?.id === id) change({ thread: { ...thread, ...changes(thread) } });
}

/** Replaces the one with the same id, or appends. */
function put<T extends { readonly id: string }>(all: readonly T[], one: T): T[] {
  return all.some(({ id }) => id === one.id) ? all.map((other) => (other.id === one.id ? one : other)) : [...all, one];
}
