/**
 * The forms in which senders write the same JSON value. The text itself is rewritten, so that a number keeps its digits,
 * and in one pass, so that the time is proportional to the length.
 * The webhook's code in shared/ is not used: a checker that signs with the code that it checks would share its bugs.
 */
import { GrowingText } from "./growing-text.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;
const LETTER_U = 0x75;
const HEX = "0123456789abcdef";
const WHITE_SPACE = [SPACE, 0x09, 0x0a, 0x0d];

/** Every UTF-16 unit outside 0x20..0x7e as `\uXXXX`: what the main app signs. */
export function escaped(json: string): string {
  const text = new GrowingText();
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit >= 0x20 && unit <= 0x7e) text.add(unit);
    else addEscape(unit, text);
  }
  return text.toString();
}

function addEscape(unit: number, text: GrowingText): void {
  text.add(BACKSLASH);
  text.add(LETTER_U);
  for (const shift of [12, 8, 4, 0]) text.add(HEX.charCodeAt((unit >> shift) & 0xf));
}

/** Without the white space outside strings. */
export function compact(json: string): string {
  return betweenStrings(json, (unit, text) => text.add(unit));
}

/** With `", "` and `": "`: the default of Python's json module. */
export function spaced(json: string): string {
  return betweenStrings(json, (unit, text) => {
    text.add(unit);
    if (unit === COMMA || unit === COLON) text.add(SPACE);
  });
}

/** With each `\uXXXX` escape of a character above 0x7e replaced by the character itself. */
export function unescaped(json: string): string {
  const text = new GrowingText();
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    const digits = unit === BACKSLASH && json.charCodeAt(at + 1) === LETTER_U ? json.slice(at + 2, at + 6) : "";
    const meant = /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : 0;
    text.add(meant > 0x7e ? meant : unit);
    if (meant > 0x7e) at += digits.length + 1;
    else if (unit === BACKSLASH && at + 1 < json.length) text.add(json.charCodeAt(++at));
  }
  return text.toString();
}

/** `json` without white space between its strings. The strings stay as they are; `write` writes every other character. */
function betweenStrings(json: string, write: (unit: number, text: GrowingText) => void): string {
  const text = new GrowingText();
  let inString = false;
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit === QUOTE) inString = !inString;
    if (inString || unit === QUOTE) text.add(unit);
    else if (!WHITE_SPACE.includes(unit)) write(unit, text);
    // An escaped quote does not end the string.
    if (inString && unit === BACKSLASH && at + 1 < json.length) text.add(json.charCodeAt(++at));
  }
  return text.toString();
}
