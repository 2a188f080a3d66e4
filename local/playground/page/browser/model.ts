import type { AppView, Break, CheckView, ExchangeDetails, ExchangeView, MessageView, State, ThreadView } from "../protocol.ts";

export interface OpenThread {
  readonly id: string;
  /** Oldest first: the newest ones, and those before them as far as somebody has scrolled. */
  readonly messages: readonly MessageView[];
  readonly hasOlder: boolean;
  readonly exchanges: readonly ExchangeView[];
}

export interface Checks {
  /** The webhook that is checked: another App may be open by now. */
  readonly url: string;
  readonly results: readonly CheckView[];
  readonly count: number;
  readonly summary: string | null;
  readonly passed: boolean;
}

export type View = "threads" | "chat" | "inspector";

export interface Model {
  readonly loaded: boolean;
  readonly connected: boolean;
  readonly replyFile: string;
  readonly apps: readonly AppView[];
  readonly mainApp: State["mainApp"];
  readonly appId: string | null;
  /** Of the selected App, newest change first. */
  readonly threads: readonly ThreadView[];
  /** None: the next message starts one. */
  readonly thread: OpenThread | null;
  readonly selected: string | null;
  readonly details: ExchangeDetails | null;
  readonly checks: Checks | null;
  readonly panel: "exchange" | "checks";
  /** Which pane a phone shows. */
  readonly view: View;
  /** The App whose settings are open, or "new". */
  readonly settings: string | null;
  /** The last Test button of the settings that are open. */
  readonly test: ExchangeView | null;
  readonly breaking: Break | null;
  readonly route: "stream" | "run";
  readonly notice: string | null;
  /** What to do with a file that was downloaded. */
  readonly hint: string | null;
}

let model: Model = {
  ...{ loaded: false, connected: true, replyFile: "", apps: [], mainApp: null, appId: null, threads: [], thread: null },
  ...{ selected: null, details: null, checks: null, panel: "exchange", view: "chat", settings: null, test: null },
  ...{ breaking: null, route: "stream", notice: null, hint: null },
};
let drawn = true;
let onChange = (_model: Model) => {};

export const now = (): Model => model;

/** Changes the model. The page is drawn once per frame, whatever happens in between. */
export function change(changes: Partial<Model>): void {
  model = { ...model, ...changes };
  if (!drawn) return;
  drawn = false;
  requestAnimationFrame(() => {
    drawn = true;
    onChange(model);
  });
}

/** Calls `listener` with each new model. The page has one. */
export function watch(listener: (model: Model) => void): void {
  onChange = listener;
}

export const currentApp = ({ apps, appId }: Model) => apps.find(({ id }) => id === appId) ?? null;

export const runningExchange = ({ thread }: Model) => thread?.exchanges.findLast(({ state }) => state === "running") ?? null;

export function changeThread(id: string, changes: (thread: OpenThread) => Partial<OpenThread>): void {
  const { thread } = now();
  if (thread?.id === id) change({ thread: { ...thread, ...changes(thread) } });
}

export function addMessage(threadId: string, message: MessageView): void {
  changeThread(threadId, ({ messages }) => ({ messages: put(messages, message).sort((one, other) => one.seq - other.seq) }));
}

export function putThread(thread: ThreadView): void {
  const { threads, appId } = now();
  if (thread.appId !== appId) return;
  const others = threads.filter(({ id }) => id !== thread.id);
  change({ threads: [thread, ...others].sort((one, other) => other.updatedAt - one.updatedAt) });
}

export const putApp = (app: AppView) => change({ apps: put(now().apps, app) });

/** Replaces the one with the same id, or appends. */
export function put<T extends { readonly id: string }>(all: readonly T[], one: T): T[] {
  return all.some(({ id }) => id === one.id) ? all.map((other) => (other.id === one.id ? one : other)) : [...all, one];
}
