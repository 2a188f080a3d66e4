import { PATIENCE_MS } from "../../sender/main-app.ts";
import type { Observe, RunEvent } from "../runs/events.ts";
import type { Message } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { exchangeView } from "./exchange-view.ts";
import { type Beginning, LoggedExchange } from "./logged-exchange.ts";
import { PageError } from "./page-error.ts";
import { passedVerdict } from "./passed-verdict.ts";
import type { PageEvent, Verdict } from "./protocol.ts";
import { verdictOf } from "./verdict.ts";

const MOST_EXCHANGES = 200;
const MOST_BYTES = 64 * 1_048_576;
/** The `source` of a message that came through the Partner API. */
const POSTED = "dashboard_agent";

/** The last exchanges, in memory, and what the page is told about them. */
export class ExchangeLog {
  readonly #entries = new Map<string, LoggedExchange>();
  readonly #store: Store;
  readonly #tell: (event: PageEvent) => void;

  constructor(store: Store, tell: (event: PageEvent) => void) {
    this.#store = store;
    this.#tell = tell;
    store.onMessage((message) => this.#notePost(message));
  }

  entry(id: string): LoggedExchange | undefined {
    return this.#entries.get(id);
  }

  /** Oldest first. */
  ofThread(threadId: string): LoggedExchange[] {
    return [...this.#entries.values()].filter(({ beginning }) => beginning.threadId === threadId);
  }

  /** Forgets the exchanges for which `isIt` holds. Throws a {@link PageError} if one of them is still running. */
  forget(isIt: (beginning: Beginning) => boolean): void {
    const found = [...this.#entries].filter(([, { beginning }]) => isIt(beginning));
    if (found.some(([, { over }]) => !over)) throw new PageError(409, "A message is still being answered: stop it first.");
    for (const [id] of found) this.#entries.delete(id);
  }

  begin(beginning: Beginning): LoggedExchange {
    const entry = new LoggedExchange(beginning);
    this.#entries.set(entry.beginning.id, entry);
    this.#forgetOldest();
    return entry;
  }

  /** Looks on at a run that the page did not start: one of the main app's own API. */
  readonly observe: Observe = (event) => {
    let entry = this.#entries.get(event.run);
    if (!entry && "route" in event) {
      const { run: id, route, appId, threadId } = event;
      const messageId = this.#store.lastUserMessage(threadId)?.id ?? null;
      entry = this.begin({ id, route, appId, threadId, messageId });
    }
    if (!entry) return;
    this.note(entry, event);
    if (event.type === "end" || event.type === "not called") this.end(entry);
  };

  note(entry: LoggedExchange, event: RunEvent): void {
    switch (event.type) {
      case "not called":
        entry.notCalled = event.reason;
        entry.noteEnd();
        break;
      case "request":
        this.#keepRequest(entry, event);
        this.changed(entry);
        break;
      case "read":
        entry.keepRead(event.bytes, event.atMs);
        break;
      case "answer":
        entry.keepAnswer(event.exchange);
        break;
      case "result":
        if (entry.beginning.route === "stream") this.forwarded(entry, event.text);
        else entry.result = event.text;
        break;
      case "end":
        entry.noteEnd(event.error);
        break;
    }
  }

  #keepRequest(entry: LoggedExchange, event: RunEvent & { type: "request" }): void {
    const { secret, timeoutMs } = this.#store.app(event.appId) ?? {};
    const own = typeof timeoutMs === "number" ? timeoutMs : null;
    entry.keepRequest(event, secret ?? "", event.route === "test" ? PATIENCE_MS : own);
  }

  changed(entry: LoggedExchange): void {
    this.#tell({ type: "exchange", exchange: exchangeView(entry) });
  }

  /** A chunk that the chat gets. */
  forwarded(entry: LoggedExchange, chunk: string): void {
    const text = entry.keepForwarded(chunk);
    if (text !== "") this.#tell({ type: "text", exchange: entry.beginning.id, text });
  }

  end(entry: LoggedExchange, expected?: Verdict["expected"]): void {
    if (entry.over) return;
    entry.keepReply(replyOf(entry.result));
    const { outcome, verification } = entry;
    const verdict = entry.beginning.route === "passed" ? passedVerdict(outcome, verification) : verdictOf(outcome);
    entry.finish({ ...verdict, ...(expected && { expected }) });
    this.#claimNamed(entry);
    this.changed(entry);
    this.#forgetOldest();
  }

  /** A message of the Partner API may belong to any exchange that runs in its thread. If none runs, it is late, and the last one's. */
  #notePost({ id, threadId, contentJson }: Message): void {
    if (contentJson?.get("source") !== POSTED) return;
    const all = this.ofThread(threadId);
    const running = all.filter(({ over }) => !over);
    for (const entry of running.length > 0 ? running : all.slice(-1)) {
      // `/run` stores its reply itself.
      if (entry.beginning.route === "run") continue;
      entry.postedLate ||= entry.over && entry.posted.length === 0;
      entry.posted.push(id);
      this.#judgeAgain(entry);
    }
  }

  /** A message that a done event names belongs to no other exchange. */
  #claimNamed(entry: LoggedExchange): void {
    const { named } = entry;
    if (named === undefined || !entry.posted.includes(named)) return;
    for (const other of this.ofThread(entry.beginning.threadId)) {
      if (other === entry || !other.posted.includes(named)) continue;
      other.posted = other.posted.filter((id) => id !== named);
      this.#judgeAgain(other);
    }
  }

  #judgeAgain(entry: LoggedExchange): void {
    if (!entry.over) return;
    entry.verdict = { ...entry.verdict, ...verdictOf(entry.outcome) };
    this.changed(entry);
  }

  #forgetOldest(): void {
    let bytes = [...this.#entries.values()].reduce((sum, entry) => sum + entry.size, 0);
    for (const [id, entry] of this.#entries) {
      if (this.#entries.size <= MOST_EXCHANGES && bytes <= MOST_BYTES) return;
      if (!entry.over) continue;
      bytes -= entry.size;
      this.#entries.delete(id);
    }
  }
}

/** The reply in the answer of `/run` or of the Test button. */
function replyOf(result: string): string {
  try {
    const { assistant_message, response_json } = JSON.parse(result);
    const reply = assistant_message ? assistant_message.content : response_json?.reply;
    return typeof reply === "string" ? reply : "";
  } catch {
    return "";
  }
}
