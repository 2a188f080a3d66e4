/**
 * Every duration of a reply, in milliseconds, in the order in which they come.
 *
 *     0            5 s           10 s                    25 s        29 s
 *     |─ SILENCE ──|── SILENCE ──|─ ...                    |── STORE ──|
 *     request      first byte    next byte ...             budget is   done, stored
 *                  at the latest                           used up     or not
 *
 * The budget, REPLY_TIMEOUT_MS, is a setting: 25 s by default. In a long reply, each `delta` is sent PACE after the one before
 * it, and `done` GAP after the last. On `/`, a deferred reply is stored SETTLE after the answer was sent. A Node server that
 * is told to stop ends replies after GRACE and exits after GONE. It waits longer only for replies that are being stored.
 */

/** The longest silence. The main app gives up after 8 s without a byte (seen). */
export const SILENCE_MS = 5000;

/** When a reply in progress leaves a line in the log, so that one which the platform ends is not without a trace. */
export const IN_PROGRESS_MS = 10_000;

/**
 * The main app reads at most 64 KiB at once, and loses the event at the cut. A reader that pauses while more than that
 * arrives loses text (seen: a pause of 75 ms at full speed). With an event every 4 ms after the first 32 KiB of a reply, it
 * may pause for at least 150 ms.
 */
export const UNPACED_BYTES = 32_768;
export const PACE_MS = 4;

/** Long enough for a reader to read the last `delta` before `done` comes. A lost `done` hangs the chat for ever. */
export const GAP_BEFORE_DONE_MS = 100;

/**
 * How long storing a streamed reply may go on after the end of the budget. With the default budget of 25 s, `done` comes
 * before `netlify dev` cuts the stream off at 30 s.
 */
export const STORE_MS = 4000;

/** How much longer than a reply and its storing a claim lasts: after that, its holder has died, and a copy may run the reply. */
export const LEASE_MARGIN_MS = 5000;

/** The pause between an answer and a post to the same thread, so that the main app can store the answer first. */
export const SETTLE_MS = 1000;
/** How long storing a deferred reply may take. Workers let work go on for 30 s after an answer. */
export const STORE_DEFERRED_MS = 15_000;

/** After the process was told to stop: when replies are ended, when it exits, and how long a last event may take. */
export const GRACE_MS = 400;
export const GONE_MS = 700;
export const LAST_EVENT_MS = 150;
/** The same for a deferred reply that is still running, and for a reply that is being stored. */
export const GRACE_DEFERRED_MS = 5000;
export const STORE_WHEN_STOPPING_MS = 8000;
