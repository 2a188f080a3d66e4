/**
 * Removes characters that JSON can escape but the main app cannot take.
 *
 * `JSON.parse` makes lone surrogates from escapes such as `\ud800`. The main app answers 500 to them and to U+0000 (seen).
 * Replacing the escapes in the JSON text cleans every string at any depth, keys too, without walking the value.
 */
const ESCAPES = /\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F]|\\u[dD][89a-fA-F][0-9a-fA-F]{2}|\\u0000|\\./g;
const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/;
const NUL_ESCAPE = "\\u0000";
const LONE_ESCAPE_LENGTH = "\\ud800".length;

/** The value of a JSON text, with lone surrogates as U+FFFD. Throws a SyntaxError as `JSON.parse` does. */
export function parseJson(text: string): unknown {
  return JSON.parse(SURROGATE_ESCAPE.test(text) ? text.replace(ESCAPES, wellFormed) : text);
}

/** The JSON text of a value, with lone surrogates as U+FFFD and without U+0000. Throws a TypeError as `JSON.stringify` does. */
export function stringifyJson(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes("\\u") ? text.replace(ESCAPES, (found) => (found === NUL_ESCAPE ? "" : wellFormed(found))) : text;
}

function wellFormed(found: string): string {
  return found.length === LONE_ESCAPE_LENGTH && found !== NUL_ESCAPE ? "\\ufffd" : found;
}

/** The text with lone surrogates as U+FFFD and without U+0000. */
export function cleanText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "");
}

/** Whether a value is what JSON calls an object. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
