/**
 * The ways in which senders write the same JSON value. Rewritings of the text, so that a number keeps its digits.
 * Not those of the webhook in shared/: a checker that signs with the code it checks would agree with its bugs.
 */

const STRINGS_AND_SPACE = /"(?:[^"\\]|\\.)*"|[ \t\r\n]+/gs;
const STRINGS_AND_SEPARATORS = /"(?:[^"\\]|\\.)*"|[,:]/gs;
const ESCAPE = /\\u([0-9a-fA-F]{4})|\\./gs;

/** Every UTF-16 unit outside 0x20..0x7e as `\uXXXX`: what the main app signs. */
export function escaped(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** Without white space outside strings. */
export function compact(json: string): string {
  return json.replace(STRINGS_AND_SPACE, (found) => (found.startsWith('"') ? found : ""));
}

/** With `", "` and `": "`, as Python's json module writes by default. */
export function spaced(json: string): string {
  return compact(json).replace(STRINGS_AND_SEPARATORS, (found) => (found.length === 1 ? `${found} ` : found));
}

/** With the characters themselves where there were `\uXXXX` escapes of characters above 0x7e. */
export function unescaped(json: string): string {
  return json.replace(ESCAPE, (found, hex?: string) => {
    const unit = hex ? Number.parseInt(hex, 16) : 0;
    return unit > 0x7e ? String.fromCharCode(unit) : found;
  });
}
