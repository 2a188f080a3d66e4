import { pause, settlesWithin } from "../clock.ts";
import { GAP_BEFORE_DONE_MS, PACE_MS, SILENCE_MS, STORE_MS, UNPACED_BYTES } from "../time-line.ts";
import { type Answer, type AnswerTools, ongoingAnswer } from "./answer.ts";
import type { ReplyRun } from "./reply-run.ts";
import { deltaEvent, deltaLength, doneEvent, HEARTBEAT } from "./sse.ts";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

/**
 * The reply as server-sent events: a comment at once, `delta`s as the text comes, comments during silence, then `done`.
 * A failure is a last `delta` with the fallback text, because the dashboard shows nothing for an `error` event.
 */
export function answerStream(run: ReplyRun, tools: AnswerTools): Answer {
  return ongoingAnswer(run, replyEvents(run, tools), HEADERS);
}

async function* replyEvents(run: ReplyRun, { clock, fallbackReply, store, waitUntil }: AnswerTools): AsyncGenerator<string> {
  yield HEARTBEAT;
  let sentBytes = 0;
  // One event, one write, one turn of the event loop: a reader never gets more at once than it reads without loss.
  const send = async function* (nextPiece: () => string) {
    for (let piece = nextPiece(); piece; piece = nextPiece()) {
      const event = deltaEvent(piece);
      sentBytes += event.length;
      yield event;
      await pause(clock, sentBytes > UNPACED_BYTES ? PACE_MS : 0);
    }
  };

  for (;;) {
    // Read before sending: the last text can come while the earlier text is being sent.
    const isComplete = run.text.isClosed;
    yield* send(() => run.readPiece(deltaLength));
    if (isComplete) break;
    if (!(await settlesWithin(clock, run.text.readable(), SILENCE_MS))) yield HEARTBEAT;
  }
  const fallback = run.failure ? (run.text.alreadyRead && "\n\n") + fallbackReply : "";
  let unsent = fallback;
  yield* send(() => {
    const piece = unsent.slice(0, deltaLength(unsent));
    unsent = unsent.slice(piece.length);
    return piece;
  });
  const sentText = run.text.alreadyRead + fallback;
  if (!store || !sentText) {
    await pause(clock, GAP_BEFORE_DONE_MS);
    return yield doneEvent();
  }
  const storing = store(sentText, Math.max(clock.uptime(), run.deadline) + STORE_MS);
  waitUntil(storing);
  await pause(clock, GAP_BEFORE_DONE_MS);
  let waitMs = SILENCE_MS - GAP_BEFORE_DONE_MS;
  for (; !(await settlesWithin(clock, storing, waitMs)); waitMs = SILENCE_MS) yield HEARTBEAT;
  yield doneEvent(await storing);
}
