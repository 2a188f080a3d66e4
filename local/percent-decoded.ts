/** A text without percent-encoding, as Python's `unquote` decodes it: a `%` without two hex digits stays, and broken UTF-8 becomes U+FFFD. */
export function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString());
}
