import type { Finding } from "./signed-forms.ts";

const PREFIX = "sha256=";
const DIGEST_BYTES = 32;
const SHA1_DIGITS = 40;

/** The 32 bytes of X-Signature in any usual encoding, and the faults of that encoding. */
export function decodeSignature(value: string): { digest?: Buffer; findings: Finding[] } {
  const findings: Finding[] = [];
  const add = (code: string, what: string, fix: string) => void findings.push({ code, what, fix });
  let digits = value.trim();
  if (digits.includes(",")) {
    add("several-signatures", "X-Signature holds more than one value", "Send exactly one signature, in one header.");
    digits = digits.slice(0, digits.indexOf(",")).trim();
  }
  if (digits.startsWith(PREFIX)) digits = digits.slice(PREFIX.length);
  else {
    const other = /^[\w-]{1,20}=(?=.{40})/.exec(digits)?.[0];
    if (other) digits = digits.slice(other.length);
    const what = other ? `X-Signature begins with ${other} instead of ${PREFIX}` : `X-Signature does not begin with ${PREFIX}`;
    add("prefix", what, `Write ${PREFIX} before the hex digits, in lower case.`);
  }
  if (/^[0-9a-f]{64}$/i.test(digits)) return { digest: Buffer.from(digits, "hex"), findings };
  const fromBase64 = Buffer.from(digits, "base64");
  if (/^[\w+/-]{42,44}=*$/.test(digits) && fromBase64.length === DIGEST_BYTES) {
    add("base64", "X-Signature is base64, and hex is expected", "Write the HMAC as 64 hex digits (hexdigest, digest('hex')).");
    return { digest: fromBase64, findings };
  }
  const hex = /^[0-9a-f]*$/i.test(digits);
  const length = `${digits.length} ${hex ? "hex digits" : "characters"}`;
  const sha1 = hex && digits.length === SHA1_DIGITS ? ", which is the length of SHA-1" : "";
  add(
    "malformed",
    `X-Signature has ${length}${sha1}, and 64 hex digits are expected`,
    "Use HMAC-SHA256 and send all of its 64 hex digits.",
  );
  return { findings };
}
