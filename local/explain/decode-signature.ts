import { HASHES, PREFIX } from "./signature-writings.ts";
import type { Finding } from "./trial.ts";

const DIGEST_BYTES = 32;
const STRIPE = /^(?:.*,)?\s*v1=(?<digits>[0-9a-f]{64})(?:,.*)?$/is;

/** The digest in X-Signature in any usual encoding, and the faults of that encoding. The length of the digest tells its hash. */
export function decodeSignature(value: string): { digest?: Buffer; findings: Finding[] } {
  const findings: Finding[] = [];
  const add = (code: string, what: string, fix: string) => void findings.push({ code, what, fix });
  let digits = value.trim();
  const stripe = /^t=\d+,/.test(digits) ? STRIPE.exec(digits)?.groups?.digits : undefined;
  if (stripe) {
    const fix = `Send the time in X-Timestamp alone, and X-Signature: ${PREFIX} and the hex digits.`;
    add("stripe-form", "X-Signature has Stripe's form, t=…,v1=…", fix);
    return { digest: Buffer.from(stripe, "hex"), findings };
  }
  if (digits.includes(",")) {
    add("several-signatures", "X-Signature holds more than one value", "Send exactly one signature, in one header.");
    digits = digits.slice(0, digits.indexOf(",")).trim();
  }
  if (digits.startsWith(PREFIX)) digits = digits.slice(PREFIX.length);
  else {
    const other = /^[\w-]{1,20}=(?=.{28})/.exec(digits)?.[0];
    if (other) digits = digits.slice(other.length);
    const what = other ? `X-Signature begins with ${other} instead of ${PREFIX}` : `X-Signature does not begin with ${PREFIX}`;
    add("prefix", what, `Write ${PREFIX} before the hex digits, in lower case.`);
  }
  const isHex = /^[0-9a-f]*$/i.test(digits);
  const digest = isHex ? bytesOfHex(digits) : bytesOfBase64(digits);
  const hash = HASHES[digest.length];
  if (hash && !isHex)
    add("base64", "X-Signature is base64, and hex is expected", "Write the HMAC as 64 hex digits (hexdigest, digest('hex')).");
  if (digest.length === DIGEST_BYTES) return { digest, findings };
  const length = `${digits.length} ${isHex ? "hex digits" : "characters"}`;
  const other = hash ? `, which is the length of ${hash.replace("sha", "SHA-")}` : "";
  const what = `X-Signature has ${length}${other}, and 64 hex digits are expected`;
  add("malformed", what, "Use HMAC-SHA256 and send all of its 64 hex digits.");
  return hash ? { digest, findings } : { findings };
}

/** Empty if it is not hex, or has half a byte. */
function bytesOfHex(digits: string): Buffer {
  return Buffer.from(digits.length % 2 === 0 ? digits : "", "hex");
}

/** Empty if it is not base64. */
function bytesOfBase64(text: string): Buffer {
  return Buffer.from(/^[\w+/-]+={0,2}$/.test(text) ? text : "", "base64");
}
