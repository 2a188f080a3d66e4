import { isRecord } from "../../json-text.ts";
import type { ChatRequest } from "./provider.ts";

/** The most characters of a provider's words that are logged. */
const MAX_WORDS = 300;
/** The most that are compared with the conversation: comparing takes time for each of them. */
const MAX_COMPARED = 1000;
/** A provider's words that share this many characters in a row with the conversation quote it. */
const QUOTE_LENGTH = 12;

/** A code or a type that can be logged as it is. */
const PLAIN_FACT = /^[\w.-]{1,64}$/;

/**
 * A provider's refusal for the log: its code, its type, and its words unless they are seen to quote the conversation, which must not
 * be logged. `where` says how it was refused.
 */
export function providerError(where: string, reason: unknown, request: ChatRequest): Error {
  const { code, type, message } = isRecord(reason) ? reason : { message: reason };
  const facts = [code, type].filter((fact) => fact != null && PLAIN_FACT.test(String(fact)));
  const words = typeof message === "string" ? message.slice(0, MAX_COMPARED) : "";
  const said = words && quotes(words, request) ? "(its words quote the conversation)" : shortened(words);
  return new Error(["the model's provider refused", `${where}:`, ...facts, said || "no reason given"].join(" "));
}

/** The reason without its words. */
export function withoutWords(reason: unknown): unknown {
  const { code, type } = isRecord(reason) ? reason : {};
  return { code, type, message: "(its words may quote the conversation)" };
}

/** Cut between words, so that a secret is whole and can be found, or not there at all. */
function shortened(words: string): string {
  return words.length > MAX_WORDS ? `${words.slice(0, words.lastIndexOf(" ", MAX_WORDS) + 1)}…` : words;
}

/** Whether a text contains a part of the conversation, or a message as a whole, however short. */
function quotes(words: string, { messages }: ChatRequest): boolean {
  const said = plain(words);
  const parts = Array.from(said, (_, at) => said.slice(at, at + QUOTE_LENGTH)).filter((part) => part.length === QUOTE_LENGTH);
  return messages.some((message) => {
    const { content } = message as { content?: unknown };
    if (typeof content === "string" && asWords(words).includes(asWords(content))) return true;
    const text = plain(JSON.stringify(message));
    return parts.some((part) => text.includes(part));
  });
}

/** A text without differences that quoting makes. */
function plain(text: string): string {
  return text.replace(/[\s\\"'`]/g, "").toLowerCase();
}

/** The words of a text, with a space around each. */
function asWords(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `;
}
