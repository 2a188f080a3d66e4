import type { ExactRequest } from "./target.ts";

const encoder = new TextEncoder();

/** The `escaped` sender form: JSON with ASCII escapes, which the main app signs. */
export function escaped(json: string): string {
  return json.replace(/[^\x20-\x7e]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** `sha256=` and the HMAC-SHA256 of `timestamp.signed`, in hex. */
export async function signature(secret: string, timestamp: number | string, signed: string | Uint8Array): Promise<string> {
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const prefix = encoder.encode(`${timestamp}.`);
  const body = typeof signed === "string" ? encoder.encode(signed) : signed;
  const message = new Uint8Array(prefix.length + body.length);
  message.set(prefix);
  message.set(body, prefix.length);
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", key, message));
  return `sha256=${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

export interface Sending {
  path?: string;
  method?: string;
  /** Headers to add. A header with `null` is left out. */
  headers?: Record<string, string | null>;
}

/** A POST of `body`, unsigned. */
export function unsigned(
  body: string | Uint8Array<ArrayBuffer>,
  { path = "/", method = "POST", headers = {} }: Sending = {},
): ExactRequest {
  const bytes = typeof body === "string" ? Uint8Array.from(encoder.encode(body)) : body;
  const all = { "Content-Type": "application/json", ...headers };
  const entries = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null);
  return { method, path, headers: entries, body: bytes };
}

/** A POST of `body`, with the signature of `signed`, which is the body by default. */
export async function signedRequest(
  secret: string,
  timestamp: number | string,
  body: string | Uint8Array<ArrayBuffer>,
  sending: Sending & { signed?: string | Uint8Array } = {},
): Promise<ExactRequest> {
  const { signed = body, headers = {}, ...rest } = sending;
  const signatureHeaders = { "X-Timestamp": String(timestamp), "X-Signature": await signature(secret, timestamp, signed) };
  return unsigned(body, { ...rest, headers: { ...signatureHeaders, ...headers } });
}
