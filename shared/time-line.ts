/**
 * Every duration of a reply, in milliseconds, in the order in which they come.
 *
 *     0            5 s           10 s                    25 s        29 s
 *     |─ SILENCE ──|── SILENCE ──|─ ...                    |── STORE ──|
 *     request      first byte    next byte ...             budget is   done, stored
 *                  at the latest                           used up     or not
 *
 * The budget, REPLY_TIMEOUT_MS, is a setting: 25 s by default. `deltas` leave PACE apart, and `done` leaves GAP after the last.
 * On `/`, a deferred reply is posted SETTLE after the answer went out. A Node server that is told to stop ends replies after
 * GRACE, is gone after GONE, and waits longer only for what is being stored.
 */

/** The main app gives up after 8 s without a byte (seen), so none of our silences is longer than this. */
export const SILENCE_MS = 5000;

/**
 * A reader that is held up finds more than the 64 KiB that it takes at once, and loses the event at the cut (seen: after
 * 75 ms of bursts at full speed). After the first 32 KiB of a reply, an event every 4 ms leaves it at least 150 ms.
 */
export const UNPACED_BYTES = 32_768;
export const PACE_MS = 4;

/** Long enough for a reader to have taken the last `delta` before `done` comes: a lost `done` hangs the chat for ever. */
export const GAP_BEFORE_DONE_MS = 100;

/**
 * How long after the reply's time is up a streamed text may still be on its way to the thread. With the 25 s that a reply
 * has by default, `done` comes before `netlify dev` cuts the stream off at 30 s.
 */
export const STORE_MS = 4000;

/** How long the main app gets to store an answer that was handed over, before anything is posted to the same thread. */
export const SETTLE_MS = 1000;
/** How long storing a deferred reply may take, for which nobody waits. Workers let such work go on for 30 s. */
export const STORE_DEFERRED_MS = 15_000;

/** Once the process is told to stop: how long replies go on, when it is gone, and how long a last event may take. */
export const GRACE_MS = 400;
export const GONE_MS = 700;
export const LAST_EVENT_MS = 150;
/** The same for what is not dropped: a deferred reply that is still at work, and a text on its way to a thread. */
export const GRACE_DEFERRED_MS = 5000;
export const STORE_WHEN_STOPPING_MS = 8000;
