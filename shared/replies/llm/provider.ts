import { EventSourceParserStream } from "eventsource-parser/stream";
import { readBounded } from "../../bounded.ts";
import { isRecord } from "../../json-text.ts";
import type { LlmContext } from "../llm.ts";
import { orAborted } from "./abort.ts";
import { jsonOf } from "./json.ts";
import { providerError, withoutWords } from "./provider-error.ts";

/** How long a provider may send nothing of use after it gave a finish reason, in milliseconds. Some never close the connection. */
const AFTER_FINISH_MS = 500;
/** The wait before the second try, in milliseconds, if the provider names none. */
const RETRY_MS = 500;
/** Statuses of a request that the provider found wrong: its words then often quote the conversation. */
const QUOTES_INPUT = [400, 413, 415, 422];
/** The largest answer that is read if it is not a stream, in bytes. */
const MAX_ANSWER_BYTES = 1_048_576;

/** The body of a request, without what this file adds. */
export interface ChatRequest {
  readonly messages: readonly object[];
  readonly [field: string]: unknown;
}

/** A piece of a model's answer. */
export interface Piece {
  readonly text: string;
  /** Whether the model is thinking: it sent text that is not for the customer. */
  readonly isThought: boolean;
  readonly toolCalls: readonly unknown[];
  /** Empty until the model says why it ended. */
  readonly finishReason: string;
}

/**
 * A model's answer in pieces. It is read as liberally as real providers need it, and it is complete when the model gave a
 * finish reason or `[DONE]`: nothing that comes after that can spoil it. Throws if it breaks off before.
 */
export async function* streamChat(request: ChatRequest, context: LlmContext): AsyncGenerator<Piece> {
  const response = await ask({ ...request, stream: true }, context);
  if (!response.body || /json|html/.test(mediaTypeOf(response))) return yield await wholeAnswer(response, request);

  const events = (response.body as ReadableStream<BufferSource>)
    .pipeThrough(new TextDecoderStream())
    // Ends the last event, which some providers do not.
    .pipeThrough(new TransformStream<string, string>({ flush: (controller) => controller.enqueue("\n\n") }))
    .pipeThrough(new EventSourceParserStream())
    .getReader();
  /** Resolves a while after the finish reason. Undefined before it. */
  let end: ReturnType<typeof endsAfter> | undefined;
  try {
    for (;;) {
      const read = events.read();
      const { done, value } = await (end ? Promise.race([read, end]) : read);
      if (done && !end) throw new Error("the model's answer broke off: no finish reason came");
      const data = value?.data.trim();
      if (done || data === "[DONE]") return;
      if (!data) continue;
      const chunk = jsonOf(data);
      const reason = reasonOf(chunk) ?? (value.event === "error" ? (chunk ?? data) : undefined);
      if (reason) throw providerError("in its stream", reason, request);
      // Such as `event: ping`. Other data that is no JSON is a hole in the answer.
      if (chunk === undefined && value.event) continue;
      if (chunk === undefined) throw new Error("the model's stream has data that is no JSON");
      const piece = pieceOf(chunk);
      // Some give a finish reason with every chunk, so text after it moves the end. Keep-alives do not.
      if (piece.finishReason !== "" && (!end || piece.text || piece.toolCalls.length > 0)) end = endsAfter(AFTER_FINISH_MS);
      yield piece;
    }
  } catch (error) {
    if (!end) throw error;
  } finally {
    events.cancel().catch(() => {});
  }
}

/** Asks the provider, and once more if it was not ready and there is time. */
async function ask(body: ChatRequest, context: LlmContext): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const failure = await post(body, context);
    if (failure instanceof Response) return failure;
    const { error, retryAfterMs } = failure;
    if (attempt === 2 || retryAfterMs === undefined || retryAfterMs >= context.timeLeft()) throw error;
    await orAborted(new Promise((resolve) => setTimeout(resolve, retryAfterMs)), context.signal);
  }
}

interface Failure {
  readonly error: unknown;
  /** Undefined if there is no use in trying again. */
  readonly retryAfterMs: number | undefined;
}

async function post(body: ChatRequest, { env, signal }: LlmContext): Promise<Response | Failure> {
  let response: Response;
  try {
    response = await fetch(`${env.LLM_BASE_URL}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(env.LLM_API_KEY && { authorization: `Bearer ${env.LLM_API_KEY}` }) },
      body: JSON.stringify(body),
      // Neither the key nor the conversation goes anywhere but to LLM_BASE_URL.
      redirect: "manual",
      signal,
    });
  } catch (error) {
    return { error, retryAfterMs: RETRY_MS };
  }
  if (response.ok) return response;
  const text = (await textOf(response)).trim();
  const isPage = text.startsWith("<") || mediaTypeOf(response).includes("html");
  const reason = reasonOf(jsonOf(text)) ?? (isPage ? undefined : text);
  const error = providerError(
    `with ${response.status}`,
    QUOTES_INPUT.includes(response.status) ? withoutWords(reason) : reason,
    body,
  );
  const mayRetry = response.status === 429 || response.status === 408 || response.status >= 500;
  return { error, retryAfterMs: mayRetry ? retryAfter(response.headers) : undefined };
}

/** What an answer gives as the reason of an error: an object or a text. Undefined if it is no error. */
function reasonOf(answer: unknown): unknown {
  const first = Array.isArray(answer) ? answer[0] : answer;
  if (!isRecord(first)) return undefined;
  if (first.error || first.detail) return first.error || first.detail;
  return typeof first.message === "string" && !Array.isArray(first.choices) ? first : undefined;
}

/** Milliseconds from `Retry-After` (RFC 9110: seconds or a date), or the default. */
function retryAfter(headers: Headers): number {
  // Not an empty text, which as a number is 0.
  const value = headers.get("retry-after") || "none";
  return [Number(value) * 1000, Date.parse(value) - Date.now()].find((ms) => ms >= 0) ?? RETRY_MS;
}

/** The answer of a provider that does not stream, or its error in a page or in JSON. */
async function wholeAnswer(response: Response, request: ChatRequest): Promise<Piece> {
  const answer = jsonOf(await textOf(response));
  const piece = pieceOf(answer);
  if (piece.text || piece.toolCalls.length > 0) return piece;
  const reason = answer === undefined ? "no JSON: is LLM_BASE_URL the address of an API?" : reasonOf(answer);
  throw providerError("without an answer", reason, request);
}

function pieceOf(chunk: unknown): Piece {
  const choice = isRecord(chunk) && Array.isArray(chunk.choices) && isRecord(chunk.choices[0]) ? chunk.choices[0] : {};
  const delta = [choice.delta, choice.message].find(isRecord) ?? {};
  return {
    text: shownText(delta.content) + shownText(delta.refusal),
    isThought: Boolean(delta.reasoning_content || delta.reasoning),
    toolCalls: Array.isArray(delta.tool_calls) ? delta.tool_calls : [],
    finishReason: typeof choice.finish_reason === "string" && choice.finish_reason !== "null" ? choice.finish_reason : "",
  };
}

/** Content is a text, and with some providers a number, or a list of parts. */
function shownText(content: unknown): string {
  if (typeof content === "string") return content;
  if (typeof content === "number") return String(content);
  if (!Array.isArray(content)) return "";
  return content.map((part) => (isRecord(part) && part.type === "text" ? shownText(part.text) : "")).join("");
}

function mediaTypeOf({ headers }: Response): string {
  return headers.get("content-type") ?? "";
}

async function textOf(response: Response): Promise<string> {
  const bytes = await readBounded(response.body, MAX_ANSWER_BYTES).catch(() => undefined);
  return typeof bytes === "string" ? "" : new TextDecoder().decode(bytes);
}

function endsAfter(ms: number): Promise<{ done: true; value: undefined }> {
  return new Promise((resolve) => {
    setTimeout(() => resolve({ done: true, value: undefined }), ms);
  });
}
