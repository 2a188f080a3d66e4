import { createHmac } from "node:crypto";

export type Hash = "sha256" | "sha1" | "sha512";

/** HMAC-SHA256 with `key` as UTF-8 over `timestamp`, a dot, and `body`. */
export function signatureDigest(key: string, timestamp: string, body: Uint8Array): Buffer {
  return hmac("sha256", key, `${timestamp}.`, body);
}

/** HMAC with `key` as UTF-8 over `start` and `body`. */
export function hmac(hash: Hash, key: string, start: string, body: Uint8Array): Buffer {
  return createHmac(hash, key).update(start).update(body).digest();
}
