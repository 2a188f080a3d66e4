import { isRecord } from "../../../shared/json-text.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Quote } from "../../peer-text.ts";
import type { Shown } from "../../sender/dashboard-reader.ts";
import { jsonIn, objectIn } from "../../sender/parse-json.ts";
import type { Route } from "../runs/events.ts";
import { textOf } from "./answer-words.ts";

/** What is known when an exchange is over. */
export interface Outcome {
  readonly route: Route;
  /** The main app's own simulator answered. */
  readonly simulated: boolean;
  readonly url: string;
  readonly exchange?: Exchange | undefined;
  /** What the chat has read of a stream. */
  readonly shown: Shown;
  /** Whether the chat has shown any text, also if it is gone. */
  readonly hadText: boolean;
  /** The JSON that the caller of `/run`, or of the Test button, gets. */
  readonly result: string;
  /** Why the main app itself failed. */
  readonly error?: string | undefined;
  /** Why the webhook was not called. */
  readonly notCalled?: string | undefined;
  /** Somebody pressed Stop. */
  readonly stopped: boolean;
  /** The ids of the messages that were added to the thread through the Partner API, since it began. */
  readonly posted: readonly string[];
  /** Such a message came only after the end. */
  readonly postedLate: boolean;
  /** Makes the start of a text of the webhook safe to show. */
  readonly quote: Quote;
}

/** The JSON object that the caller of `/run`, or of the Test button, gets. */
export function resultOf({ result }: Outcome): Record<string, unknown> | undefined {
  return objectIn(result);
}

/** The id of the stored message that a done event names, if it says that the reply is complete. */
export function namedIn(done: unknown): string | undefined {
  const { status, message_id } = isRecord(done) ? done : {};
  return status === "completed" && typeof message_id === "string" && message_id !== "" ? message_id : undefined;
}

/** The JSON of the answer; undefined if it is none. */
export function jsonOfAnswer({ answer }: Exchange): unknown {
  return jsonIn(textOf(answer?.body ?? new Uint8Array()));
}
