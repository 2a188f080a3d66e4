const HMAC_SHA256 = { name: "HMAC", hash: "SHA-256" };

/** A key for {@link hmacMatches}, from at least one byte. */
export function importHmacKey(secret: Uint8Array<ArrayBuffer>): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", secret, HMAC_SHA256, false, ["verify"]);
}

/** Whether `mac` is the HMAC-SHA256 (RFC 2104, FIPS 180-4) of `message`. Compares in constant time. */
export function hmacMatches(key: CryptoKey, mac: Uint8Array<ArrayBuffer>, message: Uint8Array<ArrayBuffer>): Promise<boolean> {
  return crypto.subtle.verify("HMAC", key, mac, message);
}
