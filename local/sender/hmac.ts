import { createHmac } from "node:crypto";

/** HMAC-SHA256 with `key` as UTF-8 over `timestamp`, a dot, and `body`. */
export function signatureDigest(key: string, timestamp: string, body: Uint8Array): Buffer {
  return hmac(key, `${timestamp}.`, body);
}

/** HMAC-SHA256 with `key` as UTF-8 over `start` and `body`. */
export function hmac(key: string, start: string, body: Uint8Array): Buffer {
  return createHmac("sha256", key).update(start).update(body).digest();
}
