/** The hash of an HMAC, by the bytes of its digest. */
export const HASHES: Readonly<Record<number, string>> = { 20: "sha1", 32: "sha256", 64: "sha512" };
const PREFIX = "sha256=";

/** Other headers in which a signature is sent. Names as node:http gives them. */
export const OTHER_HEADERS = [
  "x-hub-signature-256",
  "x-webhook-signature",
  "webhook-signature",
  "stripe-signature",
  "signature",
];

/** A way to write a digest in a header. `advice` is for a webhook that expects it in X-Signature. */
export interface Writing {
  readonly advice: string;
  write(digest: Buffer, timestamp: string): string;
}

/** The contract's own way comes first. */
export const WRITINGS: readonly [Writing, ...Writing[]] = [
  { write: (digest) => `${PREFIX}${digest.toString("hex")}`, advice: "" },
  {
    write: (digest) => digest.toString("hex"),
    advice: `It compares bare hex digits. X-Signature is ${PREFIX} and the digits: remove the prefix before you compare, or put it before your own.`,
  },
  {
    write: (digest) => `${PREFIX}${digest.toString("base64")}`,
    advice: `It compares base64. X-Signature is ${PREFIX} and 64 hex digits: write your HMAC in hex (hexdigest, digest('hex')).`,
  },
  {
    write: (digest) => digest.toString("base64"),
    advice: `It compares bare base64. X-Signature is ${PREFIX} and 64 hex digits: write your HMAC in hex, and remove the prefix before you compare.`,
  },
  {
    write: (digest) => `${PREFIX}${digest.toString("hex").toUpperCase()}`,
    advice:
      "It compares upper-case hex digits. X-Signature has them in lower case: compare the bytes, or write your own in lower case.",
  },
  {
    write: (digest) => digest.toString("hex").toUpperCase(),
    advice: `It compares bare upper-case hex digits. X-Signature is ${PREFIX} and lower-case digits: remove the prefix, and compare the bytes.`,
  },
  {
    write: (digest) => `v0=${digest.toString("hex")}`,
    advice: `It wants v0= before the hex digits, as Slack writes it. X-Signature begins with ${PREFIX}.`,
  },
  {
    write: (digest, timestamp) => `t=${timestamp},v1=${digest.toString("hex")}`,
    advice: `It reads t=…,v1=… as Stripe writes it. The time is in X-Timestamp alone, and X-Signature is ${PREFIX} and the digits.`,
  },
];
