import type { PartnerApi } from "./partner-api/client.ts";
import type { Payload } from "./request/payload.ts";

/** Settings and secrets of the deployment: strings by name, and a Worker's bindings. */
export type Env = Readonly<Record<string, unknown>>;

/** Everything that reply logic gets: the validated payload, the time left, and the environment. */
export interface ReplyContext extends Payload {
  /** Fires when the budget is used up, or when the client hung up. Pass it to every `fetch`. */
  readonly signal: AbortSignal;
  /** Milliseconds left of the budget. */
  timeLeft(): number;
  readonly env: Env;
  /** The main app's Partner API for this app, if BACKEND_URL and a secret are set. Never post to the thread of this message. */
  readonly partnerApi: PartnerApi | undefined;
}

/** Text with metadata. Today's main app drops the metadata; other callers see it. */
export interface ReplyWithMetadata {
  reply: string;
  metadata?: Record<string, unknown>;
}

/** The three shapes of an answer: text, text with metadata, or pieces of text as they come (an async generator). */
export type ReplyResult = string | ReplyWithMetadata | AsyncIterable<string>;

/** The one function that a partner writes. */
export interface Reply {
  (context: ReplyContext): ReplyResult | Promise<ReplyResult>;
  /** Optional: sentences about missing settings, shown at start-up and on the page. */
  warnings?(env: Env): string[];
}
