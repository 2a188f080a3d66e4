/**
 * Characters that a terminal may act on: C0, DEL and C1 control characters, Unicode's line ends, and the marks that
 * change the direction of text.
 */
const CONTROLS = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
const CONTROLS_BUT_LINES = /[^\P{Cc}\n\t]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;
/** How many characters are replaced at once. Millions of matches at once would fill the memory. */
const SLICE = 65_536;
const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f" };

/**
 * A text of others on one line, with those characters escaped as in JSON: it cannot move the cursor, set the window's title
 * or forge a line. A JSON text stays the same JSON.
 */
export function visible(text: string): string {
  return escaped(text, CONTROLS);
}

/** The same for a text of several lines: its line feeds and tabs stay. */
export function visibleLines(text: string): string {
  return escaped(text, CONTROLS_BUT_LINES);
}

function escaped(text: string, controls: RegExp): string {
  const wellFormed = text.toWellFormed();
  let shown = "";
  for (let at = 0; at < wellFormed.length; at += SLICE) shown += wellFormed.slice(at, at + SLICE).replace(controls, asEscape);
  return shown;
}

function asEscape(char: string): string {
  return SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
