import { type ExchangeView, MAIN_APP, type PageEvent } from "../protocol.ts";
import { attempt } from "./api.ts";
import { addText, followText } from "./live-text.ts";
import { addMessage, change, changeThread, now, put, putApp, putThread } from "./model.ts";
import { loadDetails, newThread, openApp, select } from "./open.ts";

const NIL = "00000000-0000-0000-0000-000000000000";

/** What the server tells every page. */
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
  if (selected === exchange.id && details?.state !== "ended") void attempt(() => loadDetails(exchange.id));
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
