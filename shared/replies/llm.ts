import * as v from "valibot";
import { type DefinedReply, defineReply } from "../define-reply.ts";
import { isHeaderSafe } from "../header-safe.ts";
import { plainUrl, withoutTrailingSlashes } from "../plain-url.ts";
import type { ReplyContext } from "../reply-types.ts";
import { conversation } from "./conversation.ts";
import { messagesFor } from "./llm/messages.ts";
import { ModelAnswer } from "./llm/model-answer.ts";
import { streamChat } from "./llm/provider.ts";
import { runTools, type Tool, toolsForModel } from "./llm/tools.ts";

export type { Tool } from "./llm/tools.ts";

const DEFAULT_INSTRUCTIONS =
  "You are a helpful assistant in a customer chat. Answer briefly, in plain text, in the customer's language.";
const DEFAULT_MAX_ROUNDS = 5;

const baseUrl = v.pipe(
  v.string(),
  v.trim(),
  v.check(
    (url) => plainUrl(url) !== undefined && !/\s/.test(url),
    "it must be a URL that begins with https:// or http://, without user, password, query or fragment",
  ),
  v.check((url) => !/\/(?:completions|responses)\/{0,8}$/.test(url), "leave out what follows /v1, such as /chat/completions"),
  v.transform(withoutTrailingSlashes),
);
// Loose, so that tools get the whole environment.
const needs = v.looseObject({
  /** Where the provider's API is. It ends in /v1 at most providers. */
  LLM_BASE_URL: baseUrl,
  /** Not needed by most servers on one's own computer. */
  LLM_API_KEY: v.optional(
    v.pipe(v.string(), v.check(isHeaderSafe, "it has white space around it, or a character that no header can carry")),
  ),
  LLM_MODEL: v.string(),
  /** The instructions, unless `llm` got some. */
  LLM_SYSTEM_PROMPT: v.optional(v.string(), DEFAULT_INSTRUCTIONS),
});
/** The settings of the reply, as its tools get them in `env`. */
export type LlmNeeds = typeof needs;
export type LlmContext = ReplyContext<v.InferOutput<LlmNeeds>>;

/** The inputs of the tools, by the tools' names. */
type Inputs = Record<string, v.GenericSchema>;

export interface LlmOptions<ToolInputs extends Inputs> {
  /** What the model is told before the conversation. Without it: `LLM_SYSTEM_PROMPT`, or a short text in English. */
  readonly instructions?: string;
  /** What the model may call, by name. The calls of one round run at once; the customer sees none of them. */
  readonly tools?: { readonly [Name in keyof ToolInputs]: Tool<ToolInputs[Name]> };
  /** How often the model may be asked for one reply. In the last round it may call no tool. 5 if not given. */
  readonly maxRounds?: number;
  /** Whether the customer sees what a model writes between `<think>` and `</think>`. */
  readonly showThinking?: boolean;
}

/**
 * A reply by a language model behind any endpoint that speaks OpenAI's chat protocol. It streams. Its settings are
 * `LLM_BASE_URL`, `LLM_MODEL`, and optionally `LLM_API_KEY` and `LLM_SYSTEM_PROMPT`.
 *
 * @example
 * export const reply = llm({
 *   instructions: "You answer for the flower shop Bloom.",
 *   tools: {
 *     order_status: {
 *       description: "Where an order is",
 *       input: v.object({ order: v.string() }),
 *       run: async ({ order }) => `Order ${order} leaves today`,
 *     },
 *   },
 * });
 */
export function llm<ToolInputs extends Inputs = Record<never, never>>(
  options: LlmOptions<ToolInputs> = {},
): DefinedReply<LlmNeeds> {
  const tools: Readonly<Record<string, Tool>> = options.tools ?? {};
  const offered = toolsForModel(tools);
  return defineReply({ needs, reply: (context) => answer(context, { ...options, tools }, offered) });
}

async function* answer(
  context: LlmContext,
  { instructions, tools = {}, maxRounds = DEFAULT_MAX_ROUNDS, showThinking = false }: LlmOptions<Inputs>,
  offered: { tools?: readonly unknown[] },
): AsyncGenerator<string> {
  const { env } = context;
  const messages = messagesFor(conversation(context), instructions || env.LLM_SYSTEM_PROMPT);
  let hasSpoken = false;
  for (let round = 1; ; round++) {
    // Also if it is not a number.
    const isLast = !(round < maxRounds);
    const choice = offered.tools && isLast ? { tool_choice: "none" } : {};
    const answer = new ModelAnswer(showThinking);
    for await (const text of answer.read(streamChat({ model: env.LLM_MODEL, messages, ...offered, ...choice }, context))) {
      // After the results of its tools, the model goes on in a paragraph of its own.
      const isNewParagraph = hasSpoken && answer.text === text;
      yield isNewParagraph ? `\n\n${text}` : text;
    }
    answer.mustNotBeCut();
    const calls = answer.calls.list;
    if (calls.length === 0 || isLast) return answer.mustBeComplete();
    hasSpoken ||= answer.text !== "";
    messages.push({ role: "assistant", content: answer.text || null, tool_calls: calls });
    messages.push(...(await runTools(calls, tools, context)));
  }
}
