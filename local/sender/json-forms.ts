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
const SLASH = 0x2f;
const LETTER_A = 0x61;
const LETTER_F = 0x66;
/** Between a letter in lower case and the same in upper case. */
const CASE = 0x20;
const OPENING = [0x7b, 0x5b];
const CLOSING = [0x7d, 0x5d];
const HEX = "0123456789abcdef";
const WHITE_SPACE = [SPACE, 0x09, 0x0a, 0x0d];
/** Indented text may be this many times as long. Without a limit, a megabyte of brackets would become terabytes. */
const LONGEST_INDENTED = 8;

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

/** With each `\uXXXX` escape of a visible ASCII character replaced by the character, if JSON needs no escape for it. */
export function asciiUnescaped(json: string): string {
  return json.replace(/\\(?:u00([2-7][0-9a-f])|.)/gis, (found, digits?: string) => {
    const meant = String.fromCharCode(Number.parseInt(digits ?? "", 16));
    return /[ !#-[\]-~]/.test(meant) ? meant : found;
  });
}

/** With `<`, `>` and `&` as escapes, as Go writes them. JSON has them in strings alone. */
export function htmlEscaped(json: string): string {
  return json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

/** On many lines, as `JSON.stringify(value, null, indent)` and Python's `indent=` write it. Unchanged if that would be far too long. */
export function indented(json: string, indent: string): string {
  const dense = compact(json);
  const text = new GrowingText();
  let line = "\n";
  let inString = false;
  const add = (units: string) => {
    for (let at = 0; at < units.length; at++) text.add(units.charCodeAt(at));
  };
  for (let at = 0; at < dense.length; at++) {
    const unit = dense.charCodeAt(at);
    if (unit === QUOTE) inString = !inString;
    if (inString || unit === QUOTE) {
      text.add(unit);
      if (inString && unit === BACKSLASH && at + 1 < dense.length) text.add(dense.charCodeAt(++at));
    } else if (OPENING.includes(unit) && CLOSING.includes(dense.charCodeAt(at + 1))) {
      text.add(unit);
      text.add(dense.charCodeAt(++at));
    } else {
      if (CLOSING.includes(unit)) {
        line = line.slice(0, Math.max(1, line.length - indent.length));
        add(line);
      }
      text.add(unit);
      if (OPENING.includes(unit)) line += indent;
      if (OPENING.includes(unit) || unit === COMMA) add(line);
      if (unit === COLON) text.add(SPACE);
    }
    if (text.length > LONGEST_INDENTED * json.length) return json;
  }
  return text.toString();
}

/** With each `/` as `\/`, as PHP writes it. */
export function slashesEscaped(json: string): string {
  return betweenEscapes(json, (unit, text) => {
    if (unit === SLASH) text.add(BACKSLASH);
    text.add(unit);
  });
}

/** With each `\/` as `/`. */
export function slashesPlain(json: string): string {
  return betweenEscapes(json, undefined, (escapedUnit, text) => {
    if (escapedUnit !== SLASH) text.add(BACKSLASH);
    text.add(escapedUnit);
  });
}

/** With the hex digits of each `\uXXXX` in upper case, as .NET writes them. */
export function upperCaseEscapes(json: string): string {
  let digitsLeft = 0;
  return betweenEscapes(
    json,
    (unit, text) => {
      text.add(digitsLeft > 0 && unit >= LETTER_A && unit <= LETTER_F ? unit - CASE : unit);
      if (digitsLeft > 0) digitsLeft--;
    },
    (escapedUnit, text) => {
      text.add(BACKSLASH);
      text.add(escapedUnit);
      digitsLeft = escapedUnit === LETTER_U ? 4 : 0;
    },
  );
}

/** `json` unit by unit. `writeEscape` gets the unit behind each backslash. */
function betweenEscapes(
  json: string,
  write: Write = (unit, text) => text.add(unit),
  writeEscape: Write = (escapedUnit, text) => {
    text.add(BACKSLASH);
    text.add(escapedUnit);
  },
): string {
  const text = new GrowingText();
  for (let at = 0; at < json.length; at++) {
    const unit = json.charCodeAt(at);
    if (unit === BACKSLASH && at + 1 < json.length) writeEscape(json.charCodeAt(++at), text);
    else write(unit, text);
  }
  return text.toString();
}

type Write = (unit: number, text: GrowingText) => void;

/** `json` without white space between its strings. The strings stay as they are; `write` writes every other character. */
function betweenStrings(json: string, write: Write): string {
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
