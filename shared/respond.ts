import { byteStream } from "./byte-stream.ts";
import { type Clock, pause, settlesWithin } from "./clock.ts";
import { stringifyJson } from "./json-text.ts";
import { Problem } from "./problem.ts";
import type { FailureCode, ReplyRun } from "./run.ts";
import { deltaEvent, deltaLength, doneEvent, HEARTBEAT } from "./sse.ts";

/** The main app gives up after 8 s without a byte (seen), so none of our silences is longer than this, in milliseconds. */
const LONGEST_SILENCE_MS = 5000;
/** Long enough for a reader to have taken the last `delta` before `done` comes: a lost `done` hangs the chat for ever. */
const GAP_BEFORE_DONE_MS = 20;

const JSON_HEADERS = { "content-type": "application/json; charset=utf-8" };
const STREAM_HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
};

export interface RespondOptions {
  readonly clock: Clock;
  /** What a person reads when the reply failed. */
  readonly fallbackReply: string;
  readonly requestId: string;
  /** Called once, when the last byte was handed over or the client has gone. */
  readonly onEnd: (status: number, failure?: FailureCode) => void;
}

/**
 * The reply as one JSON object. What is ready or has failed within 5 s gets its true status; later, a 200 goes out at
 * once with a space every 5 s, and a failure can only be the fallback text with its code in `metadata`.
 */
export async function respondJson(run: ReplyRun, options: RespondOptions): Promise<Response> {
  const { clock, requestId, onEnd } = options;
  if (!run.outcome) await settlesWithin(clock, run.ended(), LONGEST_SILENCE_MS);
  if (!run.outcome) return new Response(tracked(lateJson(run, options), run, onEnd), { headers: JSON_HEADERS });
  if (run.outcome.ok) {
    onEnd(200);
    return new Response(wholeReply(run, options), { headers: JSON_HEADERS });
  }
  const { code } = run.outcome;
  const problem = new Problem(code === "reply_timeout" ? code : "reply_failed", { request_id: requestId });
  onEnd(problem.status, code);
  return problem.toResponse();
}

/**
 * The reply as server-sent events: a comment at once, `delta`s as the text comes, comments while it does not, `done`.
 * A failure is a last `delta` with the fallback text, because the dashboard shows nothing for an `error` event.
 */
export function respondStream(run: ReplyRun, options: RespondOptions): Response {
  return new Response(tracked(replyEvents(run, options), run, options.onEnd), { headers: STREAM_HEADERS });
}

async function* lateJson(run: ReplyRun, options: RespondOptions): AsyncGenerator<string> {
  do yield " ";
  while (!(await settlesWithin(options.clock, run.ended(), LONGEST_SILENCE_MS)));
  yield wholeReply(run, options);
}

function wholeReply(run: ReplyRun, { fallbackReply }: RespondOptions): string {
  const { outcome } = run;
  if (outcome && !outcome.ok) return stringifyJson({ reply: fallbackReply, metadata: { code: outcome.code } });
  return stringifyJson({ reply: run.take(), metadata: outcome?.metadata });
}

async function* replyEvents(run: ReplyRun, { clock, fallbackReply }: RespondOptions): AsyncGenerator<string> {
  yield HEARTBEAT;
  let spoke = false;
  for (;;) {
    const text = run.take(deltaLength);
    if (text) {
      spoke = true;
      yield deltaEvent(text);
      // One event, one write, one turn of the event loop: a reader never gets more at once than it can take whole.
      await pause(clock, 0);
    } else if (run.outcome) break;
    else if (!(await settlesWithin(clock, run.changed, LONGEST_SILENCE_MS))) yield HEARTBEAT;
  }
  if (!run.outcome.ok) {
    let rest = (spoke ? "\n\n" : "") + fallbackReply;
    while (rest) {
      const length = deltaLength(rest);
      yield deltaEvent(rest.slice(0, length));
      rest = rest.slice(length);
      await pause(clock, 0);
    }
  }
  await pause(clock, GAP_BEFORE_DONE_MS);
  yield doneEvent();
}

/** The body of a streamed answer, with its end or the client's hang-up reported once. */
function tracked(texts: AsyncGenerator<string>, run: ReplyRun, onEnd: RespondOptions["onEnd"]): ReadableStream<Uint8Array> {
  const end = () => onEnd(200, run.outcome?.ok === false ? run.outcome.code : undefined);
  async function* reporting() {
    yield* texts;
    end();
  }
  return byteStream(reporting(), () => {
    run.stop();
    end();
  });
}
