import { isRecord } from "../../shared/json-text.ts";

/** Two bytes of text can become an object of sixty bytes. No honest answer has this many objects. */
const MAX_OBJECTS = 100_000;
const BRACE = "{".charCodeAt(0);
const BRACKET = "[".charCodeAt(0);

/** JSON.parse for a text of an unknown sender. It also throws a SyntaxError if the value would fill the memory. */
export function parseJson(text: string): unknown {
  if (text.length > MAX_OBJECTS) {
    let objects = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      if (unit === BRACE || unit === BRACKET) objects++;
    }
    if (objects > MAX_OBJECTS) throw new SyntaxError(`the JSON holds more than ${MAX_OBJECTS} objects and lists`);
  }
  return JSON.parse(text);
}

/** The value of a JSON text; undefined if it is none. */
export function jsonIn(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** The same, if it is an object. */
export function objectIn(text: string): Record<string, unknown> | undefined {
  const value = jsonIn(text);
  return isRecord(value) ? value : undefined;
}
