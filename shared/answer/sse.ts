/**
 * Server-sent events, in the narrow form that the main app and its dashboard read without loss. They were seen to decode
 * each piece alone, to forget a half-read event, and to understand neither `\r\n` nor a second `data:` line.
 */

/** The most that a `delta` event takes on the wire, in bytes. */
const MAX_EVENT_BYTES = 1024;
const DELTA_START = 'event: delta\ndata: {"text":';
const EVENT_END = "}\n\n";
const MAX_TEXT_BYTES = MAX_EVENT_BYTES - DELTA_START.length - EVENT_END.length - 2;
const ESCAPE_BYTES = 6;

/** A comment. Nobody sees it, but the main app gives up after 8 s without a byte. */
export const HEARTBEAT = ": still here\n\n";

/** How many UTF-16 units from the start of `text` fit into one `delta` event. Never splits a surrogate pair. */
export function deltaLength(text: string): number {
  if (text.length * ESCAPE_BYTES <= MAX_TEXT_BYTES) return text.length;
  let bytes = 0;
  let length = 0;
  while (length < text.length) {
    const unit = text.charCodeAt(length);
    const units = (unit & 0xfc00) === 0xd800 ? 2 : 1;
    bytes += units * escapedBytes(unit);
    if (bytes > MAX_TEXT_BYTES) break;
    length += units;
  }
  return length;
}

/** A `delta` event with a piece of the reply; its length must come from {@link deltaLength}. */
export function deltaEvent(text: string): string {
  return DELTA_START + asciiJson(text) + EVENT_END;
}

/** The `done` event, always the last. Without the id and seq of a stored message the dashboard forgets the text. */
export function doneEvent(stored?: { message_id: string; seq: number }): string {
  return `event: done\ndata: ${asciiJson({ status: "completed", ...stored })}\n\n`;
}

/** JSON in printable ASCII, so that no reader can split a character. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function escapedBytes(unit: number): number {
  if (unit < 0x20 || unit > 0x7e) return ESCAPE_BYTES;
  return unit === 0x22 || unit === 0x5c ? 2 : 1;
}
