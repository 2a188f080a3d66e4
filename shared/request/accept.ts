import { parseAccept } from "hono/utils/accept";

const NAMES_NOTHING = { json: false, eventStream: false, html: false };

/** Which media types an Accept header names, with a quality above 0. */
export function acceptedTypes(accept: string | null): { json: boolean; eventStream: boolean; html: boolean } {
  // The main app sends this on every route.
  if (accept === "*/*") return NAMES_NOTHING;
  const types = accept
    ? parseAccept(accept)
        .filter(({ q }) => q > 0)
        .map(({ type }) => type.toLowerCase())
    : [];
  return {
    json: types.includes("application/json"),
    eventStream: types.includes("text/event-stream"),
    html: types.includes("text/html"),
  };
}
