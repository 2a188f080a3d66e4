import type { PartnerApi } from "./partner-api/client.ts";
import type { Payload } from "./request/payload.ts";

/** Settings and secrets of the deployment: strings by name, and whatever else a platform binds (a Worker's bindings). */
export type Env = Readonly<Record<string, unknown>>;

/** Everything that reply logic gets: the validated payload, the time it has, and its environment. */
export interface ReplyContext extends Payload {
  /** Fires when the time is up, or when nobody waits for the answer any more. Hand it to every fetch. */
  readonly signal: AbortSignal;
  /** Milliseconds left until the time is up. */
  timeLeft(): number;
  readonly env: Env;
  /** The main app's Partner API for this app, where BACKEND_URL and a secret are set. Never post to the thread that waits. */
  readonly partnerApi: PartnerApi | undefined;
}

/** A whole answer with data beside it. Today's main app drops the metadata; other callers see it. */
export interface ReplyWithMetadata {
  reply: string;
  metadata?: Record<string, unknown>;
}

/** The three shapes of an answer: text, text with metadata, or pieces of text as they come (an async generator). */
export type ReplyResult = string | ReplyWithMetadata | AsyncIterable<string>;

/** The one function that a partner writes. */
export interface Reply {
  (context: ReplyContext): ReplyResult | Promise<ReplyResult>;
  /** Optional: what is missing in the environment, in words, said at start-up and on the page. */
  warnings?(env: Env): string[];
}
