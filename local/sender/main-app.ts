/** What is known of the main app: each was seen on the running one. */

/** After this long without a byte it gives up, in milliseconds. */
export const PATIENCE_MS = 8000;

/** How far a signed timestamp may be from the clock, either way, in seconds. The contract's, as the main app has none. */
export const TIMESTAMP_TOLERANCE_SECONDS = 300;

/** So many bytes of an error's body are shown to its caller. */
export const SHOWN_ERROR_BYTES = 200;

/** The most that it takes from the connection at once, in bytes: an event that is cut there is lost. */
export const MAX_READ_BYTES = 65_536;

/** The thread id of the dashboard's Test button. */
export const NIL_ID = "00000000-0000-0000-0000-000000000000";

/** The first message of every thread. */
export const GREETING = {
  role: "assistant",
  content: "Hello there! How can I help you today?",
  content_json: { source: "system" },
};
