import type { Clock } from "../clock.ts";
import type { Store } from "../partner-api/store-reply.ts";
import { byteStream } from "./byte-stream.ts";
import type { FailureCode, ReplyRun } from "./reply-run.ts";

/** How an answer ended, where not with the whole reply. */
export type EndCode = FailureCode | "deferred";

/** An answer that has begun, and how it ended: known once its last byte was handed over, or the client has gone. */
export interface Answer {
  readonly response: Response;
  readonly sent: Promise<EndCode | undefined>;
}

/** What an answer needs beside the reply. */
export interface AnswerTools {
  readonly clock: Clock;
  /** What a person reads when the reply failed. */
  readonly fallbackReply: string;
  readonly requestId: string;
  /** Stores the text in its thread; undefined where there is no way to. */
  readonly store?: Store | undefined;
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void;
}

/** An answer whose body comes while the reply is under way. A client that hangs up ends the reply. */
export function ongoingAnswer(run: ReplyRun, texts: AsyncGenerator<string>, headers: Record<string, string>): Answer {
  const { promise: sent, resolve } = Promise.withResolvers<EndCode | undefined>();
  async function* reported() {
    yield* texts;
    // In here, before the stream closes: what is logged of an answer is there when its reader has read the end.
    resolve(endCode(run));
  }
  const { body, whole } = byteStream(reported());
  void whole.then((isWhole) => {
    if (isWhole) return;
    run.hangUp();
    resolve(endCode(run));
  });
  return { response: new Response(body, { headers }), sent };
}

/** The code of an answer that ended now, with what is known of its reply. */
export function endCode(run: ReplyRun): EndCode | undefined {
  return run.isDeferred ? "deferred" : run.failure?.code;
}
