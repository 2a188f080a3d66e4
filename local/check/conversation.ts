import { isRecord } from "../../shared/json-text.ts";
import { exchangeOnce } from "../http/connection.ts";
import { answerHeader, type Exchange } from "../http/exchange.ts";
import { LIMITS } from "../http/limits.ts";
import { PeerText } from "../peer-text.ts";
import { mainAppRequest, wireBytes } from "../sender/outgoing-request.ts";
import { jsonIn } from "../sender/parse-json.ts";
import { pythonTimestamp } from "../sender/payload.ts";
import { UsageError } from "../usage-error.ts";
import { bodyText, described, statusOf } from "./expect.ts";
import { eventsOf, joinedText } from "./stream-reading.ts";
import { type CheckedWebhook, TOTAL_TIMEOUTS } from "./webhook.ts";

const SCHEMA = "replyhook-conversation/1";
/** The last member of the main app's body. It is not part of what a person said. */
const BODY_TIME = /"timestamp":"[^"]*"\}$/;

/** A conversation that a webhook should have again. */
export interface Conversation {
  readonly schema: typeof SCHEMA;
  readonly messages: readonly ConversationMessage[];
}

export interface ConversationMessage {
  readonly route: "run" | "stream";
  readonly app_id: string;
  readonly thread_id: string;
  /** The JSON that is sent. Its time is replaced by that of the run. */
  readonly body: string;
  /** Without `reply`, any text will do: a model does not say the same twice. */
  readonly expect: { readonly status: number; readonly reply?: string };
}

export function conversationOf(messages: readonly ConversationMessage[]): Conversation {
  return { schema: SCHEMA, messages };
}

/** The conversation in the text of a file. Throws a UsageError of one sentence. */
export function readConversation(text: string, file: string): Conversation {
  const value = jsonIn(text);
  if (!isRecord(value) || value.schema !== SCHEMA || !Array.isArray(value.messages))
    throw new UsageError(`${file} is no conversation: save one with "Save as test" in the playground.`);
  const wrong = value.messages.findIndex((message) => !isMessage(message));
  if (wrong !== -1)
    throw new UsageError(`Message ${wrong + 1} in ${file} needs route, app_id, thread_id, body and expect.status.`);
  return value as unknown as Conversation;
}

function isMessage(value: unknown): boolean {
  if (!isRecord(value) || !isRecord(value.expect)) return false;
  const { route, app_id, thread_id, body, expect } = value;
  const { status, reply } = expect;
  const ids = [app_id, thread_id].every((id) => typeof id === "string" && /^[!-~]+$/.test(id));
  const isExpected = typeof status === "number" && (reply === undefined || typeof reply === "string");
  return (route === "run" || route === "stream") && typeof body === "string" && ids && isExpected;
}

export interface MessageResult {
  readonly said: string;
  readonly ok: boolean;
  /** What came, or where it differs. Safe to show. */
  readonly came: string;
}

/** Sends the messages one after the other, each signed now, and compares status and reply. */
export async function* runConversation(conversation: Conversation, checked: CheckedWebhook): AsyncGenerator<MessageResult> {
  const { url, stream = url, secret, timeoutMs } = checked;
  const text = new PeerText({ secret, urls: [url, stream] });
  for (const { route, app_id: appId, thread_id: threadId, body, expect } of conversation.messages) {
    const fresh = body.replace(BODY_TIME, `"timestamp":"${pythonTimestamp()}"}`);
    const to = route === "stream" ? stream : url;
    const request = mainAppRequest({ url: to, body: [fresh], appId, threadId, signed: secret !== undefined });
    const times = { idleMs: timeoutMs, totalMs: timeoutMs * TOTAL_TIMEOUTS };
    const exchange = await exchangeOnce(to, wireBytes(request, secret), "POST", { ...times, limits: LIMITS });
    const reply = replyIn(exchange);
    const ok = statusOf(exchange) === expect.status && (expect.reply === undefined || reply === expect.reply);
    const wanted = `expected ${expect.status}${expect.reply === undefined ? "" : ` and "${text.quote(expect.reply)}"`}`;
    const came = reply === undefined ? described({ ...exchange, quote: text.quote }) : `"${text.quote(reply)}"`;
    yield { said: text.quote(saidIn(body)), ok, came: ok ? came : `${wanted}; came ${came}` };
  }
}

/** The reply in JSON or in a stream; undefined without one. */
export function replyIn(exchange: Exchange): string | undefined {
  if (statusOf(exchange) !== 200) return undefined;
  if (answerHeader(exchange, "content-type").includes("text/event-stream"))
    return joinedText(eventsOf(exchange.answer?.body ?? new Uint8Array()));
  const value = jsonIn(bodyText(exchange));
  return isRecord(value) && typeof value.reply === "string" ? value.reply : undefined;
}

/** What the person said, in the main app's JSON; empty if it is none. */
export function saidIn(body: string): string {
  const value = jsonIn(body);
  const message = isRecord(value) ? value.message : undefined;
  return isRecord(message) && typeof message.content === "string" ? message.content : "";
}
