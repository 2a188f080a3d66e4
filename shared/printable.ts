/** Control characters (C0, DEL, C1), line separators, and the characters that change the direction of text. */
const UNPRINTABLE = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

/**
 * A text that others may have written, as it may go to a terminal: what could move the cursor, set the window's title or
 * forge a line becomes a `\u` escape. In a JSON text these characters stand in strings only, so it stays the same JSON.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
