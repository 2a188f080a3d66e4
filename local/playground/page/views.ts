import { simulated } from "../runs/simulator.ts";
import type { App, Message, Thread } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import type { AppView, MessageView, ThreadView } from "./protocol.ts";

const PREVIEW_CHARACTERS = 80;
/** The greeting comes first. */
const FIRST_MESSAGES = 5;
/** A longer text is cut in the chat: nobody reads it there, and a page must lay it out. */
export const MOST_CHARACTERS = 120_000;
const MOST_CHARACTERS_AT_ONCE = 100_000;

const milliseconds = (microseconds: number) => Math.floor(microseconds / 1000);

export function appView(app: App): AppView {
  const { id, name, webhookUrl, secret } = app;
  const simulation = simulated(app);
  const mode = simulation && !simulation.reason ? "simulator" : "webhook";
  return { id, name, mode, webhookUrl: webhookUrl ?? "", hasSecret: Boolean(secret) };
}

export function threadView({ id, appId, title, updatedAt }: Thread, store: Store): ThreadView {
  const first = store.glimpses(id, FIRST_MESSAGES, PREVIEW_CHARACTERS, FIRST_MESSAGES + 1).find(({ role }) => role === "user");
  const preview = first?.content ?? "";
  return { id, appId, title, updatedAt: milliseconds(updatedAt), preview };
}

/** The last messages, as many as a page lays out at once without a pause. Whoever scrolls up asks for those before. */
export function newest<T extends Pick<Message, "content">>(messages: readonly T[]): T[] {
  let first = messages.length;
  for (let left = MOST_CHARACTERS_AT_ONCE; first > 0 && left > 0; ) left -= messages[--first]?.content?.length ?? 0;
  return messages.slice(first);
}

/** The start of a text of `length` characters. */
export function shortened(text: string, length = text.length): string {
  const left = length - MOST_CHARACTERS;
  return left > 0 ? `${text.slice(0, MOST_CHARACTERS)}… and ${left} more characters` : text;
}

/** `length` is that of the whole text, if the message has only its start. */
export function messageView(message: Message, length = message.content?.length): MessageView {
  const { id, seq, role, content, contentJson, createdAt } = message;
  const source = contentJson?.get("source");
  return {
    ...{ id, seq, role, createdAt: milliseconds(createdAt) },
    content: shortened(content ?? "", length),
    source: role === "assistant" && typeof source === "string" ? source : "",
  };
}
