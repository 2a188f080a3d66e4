import { pause, settlesWithin } from "../clock.ts";
import { stringifyJson } from "../json-text.ts";
import type { Store } from "../partner-api/store-reply.ts";
import { Problem } from "../problem.ts";
import { SETTLE_MS, SILENCE_MS, STORE_DEFERRED_MS } from "../time-line.ts";
import { type Answer, type AnswerTools, endCode, ongoingAnswer } from "./answer.ts";
import type { ReplyRun } from "./reply-run.ts";

const HEADERS = { "content-type": "application/json; charset=utf-8" };

/** The answer to give if the reply is not ready after `afterMs`. The reply itself is stored in the thread later. */
export interface Deferral {
  readonly afterMs: number;
  readonly reply: string;
  readonly store: Store;
}

/**
 * The reply as one JSON object. A reply that is ready or has failed within 5 s gets its true status. After that, a 200 is
 * sent with a space every 5 s, and a later failure can only be the fallback text with its code in `metadata`.
 */
export async function answerJson(run: ReplyRun, tools: AnswerTools, deferral?: Deferral): Promise<Answer> {
  const firstWaitMs = Math.min(SILENCE_MS, deferral?.afterMs ?? Number.POSITIVE_INFINITY);
  if (!run.text.isClosed) await settlesWithin(tools.clock, run.text.closed(), firstWaitMs);
  if (!run.text.isClosed) return ongoingAnswer(run, lateJson(run, tools, firstWaitMs, deferral), HEADERS);
  return { response: promptResponse(run, tools), sent: Promise.resolve(endCode(run)) };
}

function promptResponse(run: ReplyRun, tools: AnswerTools): Response {
  if (!run.failure) return new Response(replyJson(run, tools), { headers: HEADERS });
  const code = run.failure.code === "reply_timeout" ? "reply_timeout" : "reply_failed";
  return new Problem(code, { request_id: tools.requestId }).toResponse();
}

async function* lateJson(run: ReplyRun, tools: AnswerTools, elapsedMs: number, deferral?: Deferral): AsyncGenerator<string> {
  const deferAfterMs = deferral?.afterMs ?? Number.POSITIVE_INFINITY;
  let waitedMs = elapsedMs;
  while (!run.text.isClosed) {
    if (waitedMs >= deferAfterMs && deferral) return yield* deferredReply(run, tools, deferral);
    yield " ";
    const waitMs = Math.min(SILENCE_MS, deferAfterMs - waitedMs);
    await settlesWithin(tools.clock, run.text.closed(), waitMs);
    waitedMs += waitMs;
  }
  yield replyJson(run, tools);
}

/** Answers without the reply, and stores the reply after that answer: storing it earlier makes the main app lose the answer. */
async function* deferredReply(run: ReplyRun, { clock, fallbackReply, waitUntil }: AnswerTools, { reply, store }: Deferral) {
  const written = Promise.withResolvers<void>();
  const postLater = async () => {
    await written.promise;
    await pause(clock, SETTLE_MS);
    await run.text.closed();
    await store(run.failure ? fallbackReply : run.text.read(), clock.uptime() + STORE_DEFERRED_MS);
  };
  run.isDeferred = true;
  waitUntil(postLater());
  try {
    yield stringifyJson({ reply, metadata: { code: "deferred" } });
  } finally {
    written.resolve();
  }
}

function replyJson({ failure, text, metadata }: ReplyRun, { fallbackReply }: AnswerTools): string {
  if (failure) return stringifyJson({ reply: fallbackReply, metadata: { code: failure.code } });
  return stringifyJson({ reply: text.read(), metadata });
}
