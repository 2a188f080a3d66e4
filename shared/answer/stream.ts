import { pause, settlesWithin } from "../clock.ts";
import { GAP_BEFORE_DONE_MS, PACE_MS, SILENCE_MS, STORE_MS, UNPACED_BYTES } from "../time-line.ts";
import { type Answer, type AnswerTools, lateAnswer } from "./answer.ts";
import type { ReplyRun } from "./reply-run.ts";
import { deltaEvent, deltaLength, doneEvent, HEARTBEAT } from "./sse.ts";

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

/**
 * The reply as server-sent events: a comment at once, `delta`s as the text comes, comments while it does not, `done`.
 * A failure is a last `delta` with the fallback text, because the dashboard shows nothing for an `error` event.
 */
export function answerStream(run: ReplyRun, tools: AnswerTools): Answer {
  return lateAnswer(run, replyEvents(run, tools), HEADERS);
}

async function* replyEvents(run: ReplyRun, { clock, fallbackReply, store, waitUntil }: AnswerTools): AsyncGenerator<string> {
  yield HEARTBEAT;
  let spoken = "";
  let sentBytes = 0;
  // One event, one write, one turn of the event loop: a reader never gets more at once than it can take whole.
  const say = async function* (nextPiece: () => string) {
    for (let piece = nextPiece(); piece; piece = nextPiece()) {
      const event = deltaEvent(piece);
      spoken += piece;
      sentBytes += event.length;
      yield event;
      await pause(clock, sentBytes > UNPACED_BYTES ? PACE_MS : 0);
    }
  };

  for (;;) {
    // Looked at before, for the last text can come while what there was is being sent.
    const isWhole = run.text.isClosed;
    yield* say(() => run.readPiece(deltaLength));
    if (isWhole) break;
    if (!(await settlesWithin(clock, run.text.news(), SILENCE_MS))) yield HEARTBEAT;
  }
  if (run.failure) {
    let rest = (spoken && "\n\n") + fallbackReply;
    yield* say(() => {
      const piece = rest.slice(0, deltaLength(rest));
      rest = rest.slice(piece.length);
      return piece;
    });
  }
  if (!store || !spoken) {
    await pause(clock, GAP_BEFORE_DONE_MS);
    return yield doneEvent();
  }
  const storing = store(spoken, Math.max(clock.uptime(), run.deadline) + STORE_MS);
  waitUntil(storing);
  await pause(clock, GAP_BEFORE_DONE_MS);
  let patienceMs = SILENCE_MS - GAP_BEFORE_DONE_MS;
  for (; !(await settlesWithin(clock, storing, patienceMs)); patienceMs = SILENCE_MS) yield HEARTBEAT;
  yield doneEvent(await storing);
}
