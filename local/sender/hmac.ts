import { createHmac } from "node:crypto";

/** HMAC-SHA256 with `key` as UTF-8 over `timestamp`, a dot, and `body`. */
export function signatureDigest(key: string, timestamp: string, body: Uint8Array): Buffer {
  return createHmac("sha256", key).update(`${timestamp}.`).update(body).digest();
}
