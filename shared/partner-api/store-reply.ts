import { type Clock, pause } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { type ApiFailure, type ApiResult, MAX_PAGE, type PartnerApi } from "./client.ts";
import type { Message } from "./schema.ts";

/** The most tries of a post that certainly did nothing, and the pause between two tries, in milliseconds. */
const TRIES = 3;
const PAUSE_MS = 500;
/** Statuses that another try would only repeat. */
const FINAL = [400, 401, 404, 422];
/** The first pause between two looks at a thread, in milliseconds. Each further pause is twice as long. */
const FIRST_LOOK_PAUSE_MS = 250;
/** With less time left than this, in milliseconds, no further call is made: its answer would come too late. */
const SHORTEST_CALL_MS = 250;

const ADVICE: Record<number, string> = {
  401: "Is WEBHOOK_SECRET the App's secret, without white space around it and in ASCII letters only?",
  404: "Is BACKEND_URL the backend that sent the message?",
};

/** The stored message's id and seq. Without them the dashboard forgets the text. */
export interface StoredReply {
  message_id: string;
  seq: number;
}

/**
 * Stores a reply in its thread, before `deadline` (of the clock's uptime). Undefined if that failed; the log then says why
 * and what to do. Never rejects.
 */
export type Store = (text: string, deadline: number) => Promise<StoredReply | undefined>;

interface Thread {
  readonly api: PartnerApi;
  readonly threadId: string;
  readonly exchange: Exchange;
  readonly clock: Clock;
}

/** The store of one thread. `latest` gives a deadline for all storing, which a process that is about to end sets. */
export function createStore(thread: Thread, latest: () => number): Store {
  return async (text, deadline) => {
    try {
      const timeLeft = () => Math.min(deadline, latest()) - thread.clock.uptime();
      const stored = await storeReply(thread, text, timeLeft);
      if (stored.ok) {
        thread.exchange.stored(stored.value.seq);
        return { message_id: stored.value.id, seq: stored.value.seq };
      }
      thread.exchange.failed("not_stored", notStoredMessage(stored));
    } catch (error) {
      // A bug. Without its `done`, the chat would hang for ever.
      thread.exchange.failed("not_stored", error);
    }
    return undefined;
  };
}

function notStoredMessage({ nothingDone, detail, status = 0 }: ApiFailure): string {
  const fate = nothingDone
    ? "was not stored, so the chat will forget it"
    : "may have been stored, but the chat forgets it until the thread is loaded again";
  return `The reply ${fate} (${detail}). ${ADVICE[status] ?? "Is the main app up, and does BACKEND_URL lead to it?"}`;
}

/**
 * Posts a reply once. The Partner API is not idempotent (seen), so a post whose fate is unknown (a time-out, a 5xx, a
 * broken connection) is never made again: a slow main app may still store it. Instead, the thread is searched for a message
 * with this request id. All of it ends when `timeLeft()`, in milliseconds, is used up.
 */
async function storeReply(thread: Thread, text: string, timeLeft: () => number): Promise<ApiResult<Message>> {
  const { api, threadId, exchange, clock } = thread;
  let failed: ApiFailure = { ok: false, nothingDone: true, detail: "there was no time left" };
  for (let tries = 1; tries <= TRIES && timeLeft() >= SHORTEST_CALL_MS; tries++) {
    if (tries > 1 && timeLeft() >= PAUSE_MS + SHORTEST_CALL_MS) await pause(clock, PAUSE_MS);
    const posted = await api.postMessage(threadId, text, { request_id: exchange.id }, timeLeft());
    if (posted.ok) return posted;
    failed = posted;
    if (!posted.nothingDone) return (await lookFor(thread, timeLeft)) ?? failed;
    if (FINAL.includes(posted.status ?? 0)) break;
  }
  return failed;
}

/** Looks for the reply until it is found, no time is left, or the thread turns out to be too long to read to its end. */
async function lookFor(
  { api, threadId, exchange, clock }: Thread,
  timeLeft: () => number,
): Promise<ApiResult<Message> | undefined> {
  for (let pauseMs = FIRST_LOOK_PAUSE_MS; timeLeft() >= SHORTEST_CALL_MS; pauseMs *= 2) {
    const read = await api.readMessages(threadId, {}, timeLeft());
    const found = read.ok && read.value.find(({ content_json }) => requestIdOf(content_json) === exchange.id);
    if (found) return { ok: true, value: found };
    if (read.ok && read.value.length >= MAX_PAGE) return undefined;
    await pause(clock, Math.max(0, Math.min(pauseMs, timeLeft())));
  }
  return undefined;
}

function requestIdOf(contentJson: unknown): unknown {
  return (contentJson as { request_id?: unknown } | null)?.request_id;
}
