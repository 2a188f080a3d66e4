import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { JSONParseError, type ModelMessage, streamText, TypeValidationError } from "ai";
import type { Env, Reply, ReplyContext } from "../reply-types.ts";

const NEEDED = ["LLM_BASE_URL", "LLM_API_KEY", "LLM_MODEL"];
const DEFAULT_SYSTEM_PROMPT =
  "You are a helpful assistant in a customer chat. Answer briefly, in plain text, in the customer's language.";
/** Finish reasons of a complete answer. `other` stands for a provider's own word. */
const COMPLETE = ["stop", "length", "other"];

/**
 * Answers with a language model behind any OpenAI-compatible endpoint, streaming. Settings: `LLM_BASE_URL` (ends in /v1 at
 * most providers), `LLM_API_KEY`, `LLM_MODEL`, and optionally `LLM_SYSTEM_PROMPT`.
 */
async function* answer(context: ReplyContext): AsyncGenerator<string> {
  const { env, signal } = context;
  const [problem] = missing(env);
  if (problem) throw new Error(problem);

  const provider = createOpenAICompatible({
    name: "llm",
    baseURL: text(env, "LLM_BASE_URL"),
    apiKey: text(env, "LLM_API_KEY"),
  });
  const { stream } = streamText({
    model: provider(text(env, "LLM_MODEL")),
    instructions: text(env, "LLM_SYSTEM_PROMPT") || DEFAULT_SYSTEM_PROMPT,
    messages: conversation(context),
    abortSignal: signal,
    maxRetries: 1,
    // Errors come as parts of the stream and are thrown below; the default would print them.
    onError() {},
  });
  let finishReason = "none";
  for await (const part of stream) {
    if (part.type === "text-delta") yield part.text;
    else if (part.type === "error") throw withoutText(part.error);
    else if (part.type === "finish") finishReason = part.finishReason;
  }
  if (!COMPLETE.includes(finishReason)) throw new Error(`the model's answer broke off (finish reason: ${finishReason})`);
}

export const llm: Reply = Object.assign(answer, { warnings: missing });

/**
 * The thread so far, with the current message exactly once, at its end. `history_tail` usually ends with that message. If
 * answers were stored after it, it stands further up, and after many answers it is missing (all three were seen).
 */
export function conversation({ message, history_tail }: Pick<ReplyContext, "message" | "history_tail">): ModelMessage[] {
  const lastUser = history_tail.findLastIndex(({ role }) => role === "user");
  const earlier = history_tail.filter((entry, index) => index !== lastUser || entry.content !== message.content);
  const earlierMessages = earlier.flatMap(({ role, content }): ModelMessage[] => {
    if (content === "" || (role !== "user" && role !== "assistant")) return [];
    return [{ role, content }];
  });
  return [...earlierMessages, { role: "user", content: message.content }];
}

/** The error without the model's text, which some errors of the SDK contain: it must not be logged. */
function withoutText(error: unknown): unknown {
  const holdsText = JSONParseError.isInstance(error) || TypeValidationError.isInstance(error);
  return holdsText ? new Error(`the model's answer is not what the OpenAI protocol says (${error.name})`) : error;
}

function missing(env: Env): string[] {
  const names = NEEDED.filter((name) => text(env, name) === "");
  return names.length === 0
    ? []
    : [`The llm reply cannot work without ${names.join(", ")}: set them, or choose another reply in shared/reply.ts.`];
}

function text(env: Env, name: string): string {
  const value = env[name];
  return typeof value === "string" ? value : "";
}
