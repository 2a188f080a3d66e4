import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { JSONParseError, streamText, TypeValidationError } from "ai";
import * as v from "valibot";
import { defineReply } from "../define-reply.ts";
import type { ReplyContext } from "../reply-types.ts";
import { conversation } from "./conversation.ts";

const DEFAULT_SYSTEM_PROMPT =
  "You are a helpful assistant in a customer chat. Answer briefly, in plain text, in the customer's language.";
/** Finish reasons of a complete answer. `other` stands for a provider's own word. */
const COMPLETE = ["stop", "length", "other"];

const needs = v.object({
  /** Where the provider's API is. It ends in /v1 at most providers. */
  LLM_BASE_URL: v.pipe(
    v.string(),
    v.regex(/^https?:\/\/./, "it must begin with https:// or http://"),
    v.url("it is not a URL"),
  ),
  LLM_API_KEY: v.string(),
  LLM_MODEL: v.string(),
  LLM_SYSTEM_PROMPT: v.optional(v.string(), DEFAULT_SYSTEM_PROMPT),
});

/** Answers with a language model behind any OpenAI-compatible endpoint, streaming. */
export const llm = defineReply({ needs, reply: answer });

async function* answer(context: ReplyContext<v.InferOutput<typeof needs>>): AsyncGenerator<string> {
  const { env, signal } = context;
  const provider = createOpenAICompatible({ name: "llm", baseURL: env.LLM_BASE_URL, apiKey: env.LLM_API_KEY });
  const { stream } = streamText({
    model: provider(env.LLM_MODEL),
    instructions: env.LLM_SYSTEM_PROMPT,
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

/** The error without the model's text, which some errors of the SDK contain: it must not be logged. */
function withoutText(error: unknown): unknown {
  const holdsText = JSONParseError.isInstance(error) || TypeValidationError.isInstance(error);
  return holdsText ? new Error(`the model's answer is not what the OpenAI protocol says (${error.name})`) : error;
}
