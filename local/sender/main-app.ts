/** Facts about the main app, each observed on a running one. */

/** The main app gives up after this many milliseconds without a byte. */
export const PATIENCE_MS = 8000;

/** A signed timestamp may be this many seconds before or after the clock. From the contract: the main app has no limit. */
export const TIMESTAMP_TOLERANCE_SECONDS = 300;

/** The main app shows its caller this many bytes of an error's body. */
export const SHOWN_ERROR_BYTES = 200;

/** The main app reads at most this many bytes at once. An event that is cut there is lost. */
export const MAX_READ_BYTES = 65_536;

/** The thread id of the dashboard's Test button. */
export const NIL_ID = "00000000-0000-0000-0000-000000000000";

/** The first message of every thread. */
export const GREETING = {
  role: "assistant",
  content: "Hello there! How can I help you today?",
  content_json: { source: "system" },
};
