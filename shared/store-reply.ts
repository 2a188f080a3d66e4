import { type Clock, pause } from "./clock.ts";
import { type ApiFailure, MAX_PAGE, type PartnerApi } from "./partner-api.ts";

/** How often a post that certainly did nothing is tried in all, and the pause between two tries, in milliseconds. */
const TRIES = 3;
const PAUSE_MS = 500;
/** A refusal that another try would only repeat. */
const FINAL = [400, 401, 404, 422];
/** The first pause before a thread is looked at again, in milliseconds; each further one is twice as long. */
const FIRST_LOOK_PAUSE_MS = 250;
/** With less time than this left, in milliseconds, no further call is made: it could not be answered. */
const SHORTEST_CALL_MS = 250;

/** Where a reply went in the thread: what the dashboard needs in order to keep the text. */
export interface StoredReply {
  message_id: string;
  seq: number;
}

/**
 * Stores a reply in its thread once. The Partner API is not idempotent (seen), so a post whose fate is unknown (a
 * time-out, a 5xx, a broken connection) is never made again: a slow main app may still store it. The thread is looked at
 * instead, where the reply is known by its request id. It is over when the time that is left, in milliseconds, is used up.
 */
export async function storeReply(
  api: PartnerApi,
  threadId: string,
  text: string,
  requestId: string,
  clock: Clock,
  timeLeft: () => number,
): Promise<StoredReply | ApiFailure> {
  let failed: ApiFailure = { ok: false, nothingDone: true, detail: "there was no time left" };
  for (let tries = 1; tries <= TRIES && timeLeft() >= SHORTEST_CALL_MS; tries++) {
    const posted = await api.postMessage(threadId, text, { request_id: requestId }, timeLeft());
    if (posted.ok) return { message_id: posted.value.id, seq: posted.value.seq };
    failed = posted;
    if (!posted.nothingDone) return (await lookFor(api, threadId, requestId, clock, timeLeft)) ?? failed;
    if (FINAL.includes(posted.status ?? 0)) return failed;
    if (timeLeft() >= PAUSE_MS + SHORTEST_CALL_MS) await pause(clock, PAUSE_MS);
  }
  return failed;
}

/** Looks for the reply until it is there, there is no time left, or the thread is too long to be read to its end. */
async function lookFor(
  api: PartnerApi,
  threadId: string,
  requestId: string,
  clock: Clock,
  timeLeft: () => number,
): Promise<StoredReply | undefined> {
  for (let pauseMs = FIRST_LOOK_PAUSE_MS; timeLeft() >= SHORTEST_CALL_MS; pauseMs *= 2) {
    const read = await api.readMessages(threadId, {}, timeLeft());
    const found = read.ok && read.value.find(({ content_json }) => requestIdOf(content_json) === requestId);
    if (found) return { message_id: found.id, seq: found.seq };
    if (read.ok && read.value.length >= MAX_PAGE) return undefined;
    await pause(clock, Math.min(pauseMs, timeLeft()));
  }
  return undefined;
}

function requestIdOf(contentJson: unknown): unknown {
  return (contentJson as { request_id?: unknown } | null)?.request_id;
}
