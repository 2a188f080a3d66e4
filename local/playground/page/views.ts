import { simulated } from "../runs/simulator.ts";
import type { App, Message, Thread } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import type { AppView, MessageView, ThreadView } from "./protocol.ts";

const PREVIEW_CHARACTERS = 80;
/** The greeting comes first. */
const FIRST_MESSAGES = 5;
/** A longer text is cut: the page shows it, and nobody reads it. */
const MOST_CHARACTERS = 100_000;

const milliseconds = (microseconds: number) => Math.floor(microseconds / 1000);

export function appView(app: App): AppView {
  const { id, name, webhookUrl, secret, timeoutMs } = app;
  const simulation = simulated(app);
  return {
    ...{ id, name, webhookUrl: webhookUrl ?? "", hasSecret: Boolean(secret) },
    mode: simulation && !simulation.reason ? "simulator" : "webhook",
    timeoutMs: typeof timeoutMs === "number" ? timeoutMs : null,
  };
}

export function threadView({ id, appId, title, customerId, updatedAt }: Thread, store: Store): ThreadView {
  const first = store.messages(id, { limit: FIRST_MESSAGES }).find(({ role }) => role === "user");
  const preview = (first?.content ?? "").slice(0, PREVIEW_CHARACTERS);
  return { id, appId, title, customerId, updatedAt: milliseconds(updatedAt), preview };
}

/** The start of a long text. */
export function startOf(text: string): string {
  const left = text.length - MOST_CHARACTERS;
  return left > 0 ? `${text.slice(0, MOST_CHARACTERS)}… and ${left} more characters` : text;
}

export function messageView({ id, seq, role, content, contentJson, createdAt }: Message): MessageView {
  const source = contentJson?.get("source");
  return {
    ...{ id, seq, role, createdAt: milliseconds(createdAt) },
    content: startOf(content ?? ""),
    source: role === "assistant" && typeof source === "string" ? source : "",
  };
}
