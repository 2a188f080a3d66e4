import { type Clock, pause } from "./clock.ts";
import { type ApiFailure, MAX_PAGE, type PartnerApi } from "./partner-api.ts";

/** How often a post is tried in all, and how long to wait before the next, in milliseconds. */
const TRIES = 3;
const PAUSE_MS = 500;
/** A refusal that another try would only repeat. */
const FINAL = [400, 401, 404, 422];
/** With less time than this left, in milliseconds, no further call is made: it could not be answered. */
const SHORTEST_CALL_MS = 250;

/** Where a reply went in the thread: what the dashboard needs in order to keep the text. */
export interface StoredReply {
  message_id: string;
  seq: number;
}

/**
 * Stores a reply in its thread once. The Partner API is not idempotent, so a post whose fate is unknown (a time-out, a
 * 5xx, a broken connection) is only made again after the thread was read and the reply, known by its request id, was not
 * there. Where the thread cannot be read to its end the reply counts as perhaps stored, and is not posted again.
 * It is over when the time that is left, in milliseconds, is used up, whatever the main app does.
 */
export async function storeReply(
  api: PartnerApi,
  threadId: string,
  text: string,
  requestId: string,
  clock: Clock,
  timeLeft: () => number,
): Promise<StoredReply | ApiFailure> {
  let failed: ApiFailure = { ok: false, nothingDone: true, detail: "not tried" };
  for (let tries = 0; ; tries++) {
    if (tries > 0) {
      if (timeLeft() < PAUSE_MS + SHORTEST_CALL_MS) break;
      await pause(clock, PAUSE_MS);
    }
    if (!failed.nothingDone) {
      const found = await lookFor(api, threadId, requestId, timeLeft());
      if (typeof found === "object") return found;
      if (found === "absent") failed = { ...failed, nothingDone: true };
    }
    if (tries === TRIES) break;
    if (!failed.nothingDone || timeLeft() < SHORTEST_CALL_MS) continue;
    const posted = await api.postMessage(threadId, text, { request_id: requestId }, timeLeft());
    if (posted.ok) return { message_id: posted.value.id, seq: posted.value.seq };
    failed = posted;
    if (FINAL.includes(posted.status ?? 0)) break;
  }
  return failed;
}

async function lookFor(
  api: PartnerApi,
  threadId: string,
  requestId: string,
  timeLeft: number,
): Promise<StoredReply | "absent" | "unknown"> {
  const read = await api.readMessages(threadId, {}, timeLeft);
  if (!read.ok) return "unknown";
  const found = read.value.find(
    ({ content_json }) => (content_json as { request_id?: unknown } | null)?.request_id === requestId,
  );
  if (found) return { message_id: found.id, seq: found.seq };
  return read.value.length < MAX_PAGE ? "absent" : "unknown";
}
