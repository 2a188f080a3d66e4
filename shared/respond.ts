import { byteStream } from "./byte-stream.ts";
import { type Clock, pause, settlesWithin } from "./clock.ts";
import { stringifyJson } from "./json-text.ts";
import type { Keep } from "./keep.ts";
import { Problem } from "./problem.ts";
import type { FailureCode, Outcome, ReplyRun } from "./run.ts";
import { deltaEvent, deltaLength, doneEvent, HEARTBEAT } from "./sse.ts";

/** The main app gives up after 8 s without a byte (seen), so none of our silences is longer than this, in milliseconds. */
const LONGEST_SILENCE_MS = 5000;
/**
 * A reader that is held up finds more than the 64 KiB that it takes at once, and loses the event at the cut (seen: after
 * 75 ms of bursts at full speed). After the first 32 KiB of a reply, an event every 4 ms leaves it at least 150 ms.
 */
const UNPACED_BYTES = 32_768;
const PACE_MS = 4;
/** Long enough for a reader to have taken the last `delta` before `done` comes: a lost `done` hangs the chat for ever. */
const GAP_BEFORE_DONE_MS = 100;
/** How long the main app gets to store an answer that was handed over, before anything is posted to the same thread. */
const SETTLE_MS = 1000;
/**
 * How long after the reply's time is up a streamed text may still be on its way to the thread, in milliseconds. With the
 * 25 s that a reply has by default, `done` comes before `netlify dev` cuts the stream off at 30 s.
 */
const STORE_MS = 4000;
/** The same for a reply that was put off, for which nobody waits. Workers let such work go on for 30 s. */
const STORE_LATER_MS = 15_000;

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
  /** Keeps the text in its thread; undefined where there is no way to. */
  readonly keep?: Keep | undefined;
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void;
  /** Called once, when the last byte was handed over or the client has gone. */
  readonly onEnd: (status: number, code?: FailureCode | "deferred") => void;
  /** Called once, when a reply that was put off has ended, well or not. */
  readonly onDeferredEnd: () => void;
}

/** What to answer instead of a reply that is not there after `afterMs`; the reply itself is posted to the thread later. */
export interface Deferral {
  readonly afterMs: number;
  readonly reply: string;
  readonly keep: Keep;
}

/**
 * The reply as one JSON object. What is ready or has failed within 5 s gets its true status; later, a 200 goes out at
 * once with a space every 5 s, and a failure can only be the fallback text with its code in `metadata`.
 */
export function respondJson(run: ReplyRun, options: RespondOptions, deferral?: Deferral): Response | Promise<Response> {
  return run.outcome ? respondWith(run.outcome, run, options) : respondLater(run, options, deferral);
}

function respondWith(outcome: Outcome, run: ReplyRun, options: RespondOptions): Response {
  const { requestId, onEnd } = options;
  if (outcome.ok) {
    onEnd(200);
    return new Response(wholeReply(run, options), { headers: JSON_HEADERS });
  }
  const problem = new Problem(outcome.code === "reply_timeout" ? outcome.code : "reply_failed", { request_id: requestId });
  onEnd(problem.status, outcome.code);
  return problem.toResponse();
}

async function respondLater(run: ReplyRun, options: RespondOptions, deferral?: Deferral): Promise<Response> {
  const patienceMs = Math.min(LONGEST_SILENCE_MS, deferral?.afterMs ?? Number.POSITIVE_INFINITY);
  await settlesWithin(options.clock, run.ended(), patienceMs);
  if (run.outcome) return respondWith(run.outcome, run, options);
  const texts = lateJson(run, options, patienceMs, deferral);
  return new Response(tracked(texts, run, options.onEnd), { headers: JSON_HEADERS });
}

/**
 * The reply as server-sent events: a comment at once, `delta`s as the text comes, comments while it does not, `done`.
 * A failure is a last `delta` with the fallback text, because the dashboard shows nothing for an `error` event.
 */
export function respondStream(run: ReplyRun, options: RespondOptions): Response {
  return new Response(tracked(replyEvents(run, options), run, options.onEnd), { headers: STREAM_HEADERS });
}

async function* lateJson(
  run: ReplyRun,
  options: RespondOptions,
  alreadyMs: number,
  deferral?: Deferral,
): AsyncGenerator<string> {
  const untilMs = deferral?.afterMs ?? Number.POSITIVE_INFINITY;
  let waitedMs = alreadyMs;
  while (!run.outcome) {
    if (waitedMs >= untilMs && deferral) return yield* deferredReply(run, options, deferral);
    yield " ";
    const waitMs = Math.min(LONGEST_SILENCE_MS, untilMs - waitedMs);
    await settlesWithin(options.clock, run.ended(), waitMs);
    waitedMs += waitMs;
  }
  yield wholeReply(run, options);
}

/** Answers without the reply, and posts the reply once that answer is out: posting before would make the main app lose both. */
async function* deferredReply(run: ReplyRun, options: RespondOptions, { reply, keep }: Deferral) {
  const { clock, fallbackReply, waitUntil, onDeferredEnd } = options;
  const written = Promise.withResolvers<void>();
  const postLater = async () => {
    await written.promise;
    await pause(clock, SETTLE_MS);
    const outcome = await run.ended();
    onDeferredEnd();
    await keep(outcome.ok ? run.take() : fallbackReply, clock.uptime() + STORE_LATER_MS);
  };
  run.detach();
  waitUntil(postLater());
  try {
    yield stringifyJson({ reply, metadata: { code: "deferred" } });
  } finally {
    written.resolve();
  }
}

function wholeReply(run: ReplyRun, { fallbackReply }: RespondOptions): string {
  const { outcome } = run;
  if (outcome && !outcome.ok) return stringifyJson({ reply: fallbackReply, metadata: { code: outcome.code } });
  return stringifyJson({ reply: run.take(), metadata: outcome?.metadata });
}

async function* replyEvents(run: ReplyRun, { clock, fallbackReply, keep, waitUntil }: RespondOptions): AsyncGenerator<string> {
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
    const isWhole = run.outcome !== undefined;
    yield* say(() => run.takePiece(deltaLength));
    if (isWhole) break;
    if (!(await settlesWithin(clock, run.changed, LONGEST_SILENCE_MS))) yield HEARTBEAT;
  }
  if (!run.outcome?.ok) {
    let rest = (spoken && "\n\n") + fallbackReply;
    yield* say(() => {
      const piece = rest.slice(0, deltaLength(rest));
      rest = rest.slice(piece.length);
      return piece;
    });
  }
  if (!keep || !spoken) {
    await pause(clock, GAP_BEFORE_DONE_MS);
    return yield doneEvent();
  }
  const keeping = keep(spoken, Math.max(clock.uptime(), run.deadline) + STORE_MS);
  waitUntil(keeping);
  await pause(clock, GAP_BEFORE_DONE_MS);
  let patienceMs = LONGEST_SILENCE_MS - GAP_BEFORE_DONE_MS;
  for (; !(await settlesWithin(clock, keeping, patienceMs)); patienceMs = LONGEST_SILENCE_MS) yield HEARTBEAT;
  yield doneEvent(await keeping);
}

/** The body of a streamed answer, with its end or the client's hang-up reported once. */
function tracked(texts: AsyncGenerator<string>, run: ReplyRun, onEnd: RespondOptions["onEnd"]): ReadableStream<Uint8Array> {
  const end = () => {
    const { outcome, isDetached } = run;
    if (isDetached) onEnd(200, "deferred");
    else onEnd(200, outcome?.ok === false ? outcome.code : undefined);
  };
  async function* reporting() {
    yield* texts;
    end();
  }
  return byteStream(reporting(), () => {
    run.stop();
    end();
  });
}
