/** Two bytes of text become an object of sixty; no answer that means well has as many. */
const MAX_OBJECTS = 100_000;
const BRACE = "{".charCodeAt(0);
const BRACKET = "[".charCodeAt(0);

/** JSON.parse for texts of strangers. Throws as it does, also where the value would fill the memory. */
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
