import type { PartnerApi } from "./partner-api/client.ts";

/** The environment of the deployment: settings and secrets (strings), and a Worker's bindings, by name. */
export type Env = Readonly<Record<string, unknown>>;

/** The App in the dashboard that the message belongs to. */
export interface App {
  /** A UUID in today's main app. The signature covers it, so it can decide whose bot answers. */
  readonly id: string;
  /** The App's name as typed in the dashboard. People change it: decide by `id`. */
  readonly name?: string | null | undefined;
}

/** The conversation that the message belongs to. */
export interface Thread {
  /** A UUID; `00000000-0000-0000-0000-000000000000` when the dashboard's Test button was pressed. */
  readonly id: string;
  /** Who is asking, as the creator of the thread named them: up to 128 characters of any kind, or `""`, or null. The
   * dashboard gives its own user's UUID. */
  readonly customer_id?: string | null | undefined;
}

/** The message to answer: the last one of a user in the thread. */
export interface Message {
  /** A UUID, the same each time that this message is sent: the idempotency key for what must happen only once. */
  readonly id?: string | undefined;
  /** The position in the thread, from 1. Usually 2 for the first message, because a greeting is 1. */
  readonly seq?: number | undefined;
  /** Always `user` today. */
  readonly role?: string | undefined;
  /** The text. It may be empty, or only white space. The whole request has at most 1 MiB. */
  readonly content: string;
  /** What the sender stored with the message: an object of any depth, `{}` if there was nothing. Not checked: it is JSON,
   * and nothing more is known of it. Numbers are those of JavaScript, so a long integer loses digits. */
  readonly content_json?: unknown;
}

/** An earlier message of the thread. It has no id and no time. */
export interface HistoryEntry {
  /** `user` or `assistant` today. */
  readonly role: string;
  /** The text. It may be empty. */
  readonly content: string;
  /** As in {@link Message}. A greeting by the main app has `{ source: "system" }`. */
  readonly content_json?: unknown;
}

/** What the main app sent, checked. A field that the main app may leave out can be undefined. */
export interface Payload {
  /** Always `message_received`. */
  readonly event: "message_received";
  /** The version of this payload: `1.0` today. */
  readonly version?: string | undefined;
  /** The App in the dashboard that the message belongs to: its `id` and `name`. */
  readonly app: App;
  /** The conversation that the message belongs to: its `id` and `customer_id`. */
  readonly thread: Thread;
  /** The message to answer. Its text is `message.content`. */
  readonly message: Message;
  /**
   * The last messages of the thread, oldest first; 10 at most today, and none for the Test button. It usually ends with the
   * current message. After an answer was stored, it ends with that answer, and after 10 later messages the current one is
   * missing (all seen). `conversation()` in replies/conversation.ts puts this in order.
   */
  readonly history_tail: readonly HistoryEntry[];
  /** When the main app sent it, as ISO 8601 with microseconds: `2026-11-23T18:10:55.421945+00:00`. */
  readonly timestamp?: string | undefined;
}

/** Everything that a reply gets. */
export interface ReplyContext<Environment = Env> extends Payload {
  /**
   * Fires when the budget is used up, when the client hung up, or when the server stops. Pass it to every `fetch`; for a
   * shorter limit of your own, pass `AbortSignal.any([signal, AbortSignal.timeout(3000)])`.
   */
  readonly signal: AbortSignal;
  /**
   * Milliseconds left of the budget. At the start it is `REPLY_TIMEOUT_MS` (25,000), and `DEFER_TIMEOUT_MS` (60,000) more if
   * the reply can be deferred. 0 when it is used up.
   */
  timeLeft(): number;
  /** The environment. Without `needs` every value is `unknown`; with {@link defineReply} it is what the schema gives. */
  readonly env: Environment;
  /**
   * The main app's Partner API for this App. Undefined without `BACKEND_URL` or without a secret, and if the app's id is no
   * UUID. You may post to other threads, but not to the thread of this message: on `/` the main app then loses the answer
   * (seen). For a later answer there, set `DEFER`.
   */
  readonly partnerApi: PartnerApi | undefined;
  /** A UUID, the same as `request_id` in the log and in an error's answer. Write it into lines that you log yourself. */
  readonly requestId: string;
  /** Writes a line of your own into the log, with the request's id. Do not write secrets or the user's text into it. */
  log(line: string): void;
}

/** Text with metadata. */
export interface ReplyWithMetadata {
  /** The text that the user sees. U+0000 is removed, and a lone surrogate becomes U+FFFD: the main app loses either. */
  reply: string;
  /** An object that JSON can carry; otherwise it is dropped and the log says so. The answer on `/` has it, a stream does not. Today's
   * main app drops it; other callers see it. */
  metadata?: Record<string, unknown>;
}

/**
 * One of three shapes: text, text with metadata, or pieces of text as they come (an async generator, or any other async
 * iterable of strings). Each has at most 16,777,216 characters. On `/` the pieces are joined; on `/stream` they are sent as
 * they come, and so is a text that is ready at once.
 */
export type ReplyResult = string | ReplyWithMetadata | AsyncIterable<string>;

/**
 * The one function that a partner writes. What it throws is logged, and the user sees `FALLBACK_REPLY`.
 *
 * Text:
 *
 * ```ts
 * export const reply: Reply = ({ message }) => `You said: ${message.content}`;
 * ```
 *
 * Text with metadata:
 *
 * ```ts
 * export const reply: Reply = async ({ message }) => ({ reply: `You said: ${message.content}`, metadata: { source: "echo" } });
 * ```
 *
 * Pieces of text, as they come:
 *
 * ```ts
 * export const reply: Reply = async function* ({ message }) {
 *   for (const word of message.content.split(" ")) yield `${word} `;
 * };
 * ```
 */
export type Reply<Environment = Env> = (context: ReplyContext<Environment>) => ReplyResult | Promise<ReplyResult>;
