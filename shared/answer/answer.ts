import type { Clock } from "../clock.ts";
import type { Store } from "../partner-api/store-reply.ts";
import { byteStream } from "./byte-stream.ts";
import type { FailureCode, ReplyRun } from "./reply-run.ts";

/** Why an answer ended without the complete reply. */
export type EndCode = FailureCode | "deferred";

/** An answer that has begun. `sent` resolves when its last byte was handed over or the client hung up. */
export interface Answer {
  readonly response: Response;
  readonly sent: Promise<EndCode | undefined>;
}

/** What an answer needs besides the reply. */
export interface AnswerTools {
  readonly clock: Clock;
  /** The fallback text, which a person reads when the reply failed. */
  readonly fallbackReply: string;
  readonly requestId: string;
  /** Stores the text in its thread. Undefined if it cannot be stored. */
  readonly store?: Store | undefined;
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** An answer whose body is sent while the reply is still being produced. A client that hangs up ends the reply. */
export function ongoingAnswer(run: ReplyRun, texts: AsyncGenerator<string>, headers: Record<string, string>): Answer {
  const { promise: sent, resolve } = Promise.withResolvers<EndCode | undefined>();
  async function* reportingEnd() {
    yield* texts;
    // Resolved before the stream closes, so the log line is written before the client has read the end.
    resolve(endCode(run));
  }
  const { body, hungUp } = byteStream(reportingEnd());
  void hungUp.then(() => {
    run.hangUp();
    // Also if the whole reply was read: its `done` did not reach the client.
    resolve(endCode(run) ?? "client_gone");
  });
  return { response: new Response(body, { headers }), sent };
}

/** The end code of an answer, from the state of its reply. */
export function endCode(run: ReplyRun): EndCode | undefined {
  return run.isDeferred ? "deferred" : run.failure?.code;
}
