/** The hash of an HMAC, by the bytes of its digest. */
export const HASHES: Readonly<Record<number, string>> = { 20: "sha1", 32: "sha256", 64: "sha512" };
/** Before the hex digits in X-Signature. */
export const PREFIX = "sha256=";

/** Other headers in which senders put a signature, and its time. */
export const OTHER_HEADERS = {
  signature: [
    ...["X-Hub-Signature-256", "X-Hub-Signature", "X-Signature-256", "X-Webhook-Signature", "Webhook-Signature", "Signature"],
    ...["Stripe-Signature", "X-Slack-Signature", "X-Shopify-Hmac-Sha256"],
  ],
  timestamp: ["X-Webhook-Timestamp", "Webhook-Timestamp", "X-Signature-Timestamp", "X-Slack-Request-Timestamp"],
} as const;

/** A way to write a digest in a header. */
export interface Writing {
  /** For a webhook that expects it in X-Signature. */
  readonly advice: string;
  write(digest: Buffer, timestamp: string): string;
}

export const CONTRACT: Writing = { write: (digest) => `${PREFIX}${digest.toString("hex")}`, advice: "" };
export const BARE_HEX: Writing = {
  write: (digest) => digest.toString("hex"),
  advice: `It compares bare hex digits. X-Signature is ${PREFIX} and the digits: remove the prefix before you compare, or put it before your own.`,
};

/** The ways that webhooks often have together with another difference. */
export const COMMON_WRITINGS: readonly Writing[] = [
  BARE_HEX,
  {
    write: (digest) => `${PREFIX}${digest.toString("base64")}`,
    advice: `It compares base64. X-Signature is ${PREFIX} and 64 hex digits: write your HMAC in hex (hexdigest, digest('hex')).`,
  },
  {
    write: (digest) => digest.toString("base64"),
    advice: `It compares bare base64. X-Signature is ${PREFIX} and 64 hex digits: write your HMAC in hex, and put ${PREFIX} before it.`,
  },
  {
    write: (digest) => `v0=${digest.toString("hex")}`,
    advice: `It wants v0= before the hex digits, as Slack writes it. X-Signature begins with ${PREFIX}.`,
  },
];

export const RARE_WRITINGS: readonly Writing[] = [
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
    write: (digest, timestamp) => `t=${timestamp},v1=${digest.toString("hex")}`,
    advice: `It reads t=…,v1=… as Stripe writes it. The time is in X-Timestamp alone, and X-Signature is ${PREFIX} and the digits.`,
  },
];
