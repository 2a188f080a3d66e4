/** A JSON value, or undefined. The error of `JSON.parse` would quote the text, which may be the customer's. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
