/** The http or https URL in a text, if a path can be appended to it: it has no user, password, query or fragment. */
export function plainUrl(text: string): URL | undefined {
  const url = URL.parse(text);
  if (!url || !["https:", "http:"].includes(url.protocol) || url.username || url.password) return undefined;
  // Tested on the text: an empty query or fragment is not in `search` or `hash`, but would swallow the path.
  return /[?#]/.test(url.href) ? undefined : url;
}

/** A URL to which a path with its own slash can be appended. */
export function withoutTrailingSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === "/") end--;
  return text.slice(0, end);
}
