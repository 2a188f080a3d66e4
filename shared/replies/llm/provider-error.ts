import { isRecord } from "../../json-text.ts";
import type { ChatRequest } from "./provider.ts";

/** The most characters of a provider's words that are logged. */
const MAX_WORDS = 300;
/** A provider's words that share this many characters in a row with the conversation quote it. */
const QUOTE_LENGTH = 12;

/**
 * A provider's refusal for the log: its code, its type, and its words if they do not quote the conversation, which must not be
 * logged. `where` says how it was refused.
 */
export function providerError(where: string, reason: unknown, request: ChatRequest): Error {
  const { code, type, message } = isRecord(reason) ? reason : { message: reason };
  const facts = [code, type].filter((fact) => typeof fact === "string" || typeof fact === "number");
  const words = typeof message === "string" ? message.slice(0, MAX_WORDS) : "";
  const said = quotes(words, request) ? "(its words quote the conversation)" : words;
  return new Error(["the model's provider refused", `${where}:`, ...facts, said || "no reason given"].join(" "));
}

/** Whether a text contains a part of the conversation, or a short message as a whole. */
function quotes(words: string, { messages }: ChatRequest): boolean {
  const said = plain(words);
  const parts = Array.from(said, (_, at) => said.slice(at, at + QUOTE_LENGTH)).filter((part) => part.length === QUOTE_LENGTH);
  return messages.some((message) => {
    const { role, content } = message as { role?: unknown; content?: unknown };
    if (role === "system") return false;
    if (typeof content === "string" && content.length < QUOTE_LENGTH && asWords(words).includes(asWords(content))) return true;
    const text = plain(JSON.stringify(message));
    return parts.some((part) => text.includes(part));
  });
}

/** A text without differences that quoting makes. */
function plain(text: string): string {
  return text.replace(/[\s\\"'`]+/g, "").toLowerCase();
}

/** The words of a text, with a space around each. */
function asWords(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `;
}
