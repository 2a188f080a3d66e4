import type { Clock } from "../clock.ts";
import { Problem } from "../problem.ts";
import { ownSecrets, type Secrets } from "../secrets.ts";
import { hmacMatches, importHmacKey } from "./hmac.ts";
import { type SenderForm, signedBytesByForm } from "./sender-forms.ts";

/** How far the signed timestamp may be from the clock, either way, in seconds. */
export const TIMESTAMP_TOLERANCE_SECONDS = 300;

const TIMESTAMP = /^\d{1,12}$/;
const SIGNATURE = /^sha256=([0-9a-fA-F]{64})$/;
const encoder = new TextEncoder();

/** The accepted secrets, and whether it is an error to have none. */
export interface VerifySettings extends Secrets {
  readonly requireSignature: boolean;
}

/** A verified request: which sender form matched, and who signed it. */
export interface Verified {
  readonly form: SenderForm | "unsigned";
  readonly signer?: Signer;
  /** The timestamp, a hyphen and the signature in lower case: the same for each copy of a signed request. */
  readonly idempotencyKey?: string;
}

/** Whose secret made the signature. */
export interface Signer {
  readonly secret: string;
  /** Whether it is the secret that is being replaced. */
  readonly isPrevious: boolean;
  /** The list of WEBHOOK_SECRETS that it is in. Undefined if it is WEBHOOK_SECRET. */
  readonly ownList: readonly string[] | undefined;
}

/** Verifies the signature of a request. */
export type Verifier = (headers: Headers, rawBody: Uint8Array) => Promise<Verified | Problem>;

/**
 * Verifies `X-Signature: sha256=` + hex(HMAC-SHA256(secret, `X-Timestamp` + "." + body)), fail closed.
 *
 * Secrets are used as UTF-8, exactly as given. `crypto.subtle.verify` compares in constant time.
 * Refuses with the first that applies of `not_configured`, `signature_missing`, `timestamp_missing`,
 * `signature_malformed`, `timestamp_malformed`, `timestamp_outside_tolerance`, `signature_mismatch`.
 */
export function createVerifier({ secrets, appSecrets, requireSignature }: VerifySettings, clock: Clock): Verifier {
  // The keys are kept, because importing one costs more than the HMAC.
  const keysOf = new Map<readonly string[], CryptoKey[]>();

  return async (headers, rawBody) => {
    if (!appSecrets) return new Problem("not_configured");
    if (secrets.length + appSecrets.size === 0) return requireSignature ? new Problem("not_configured") : { form: "unsigned" };

    const signature = headers.get("x-signature");
    const timestamp = headers.get("x-timestamp");
    if (!signature) return new Problem("signature_missing");
    if (!timestamp) return new Problem("timestamp_missing");
    const digits = SIGNATURE.exec(signature)?.[1];
    if (!digits) return new Problem("signature_malformed");
    if (!TIMESTAMP.test(timestamp)) return new Problem("timestamp_malformed");
    const age = Math.floor(clock.wallTime() / 1000) - Number(timestamp);
    if (Math.abs(age) > TIMESTAMP_TOLERANCE_SECONDS) return new Problem("timestamp_outside_tolerance");

    // One list is tried, so that a stranger's request costs the same however many Apps there are.
    const ownList = ownSecrets(appSecrets, appSecrets.size > 0 ? headers.get("x-app-id") : null);
    const accepted = ownList ?? secrets;
    // Only the keys are kept, not their promise: on Workers, one request must not await a promise that another request made.
    const keys = keysOf.get(accepted) ?? (await importKeys(accepted));
    keysOf.set(accepted, keys);
    const expected = bytesFromHex(digits);
    for (const [form, message] of signedBytesByForm(encoder.encode(`${timestamp}.`), rawBody)) {
      const index = await indexOfSigner(keys, expected, message);
      const secret = accepted[index];
      if (secret === undefined) continue;
      const signer = { secret, isPrevious: index > 0, ownList };
      return { form, signer, idempotencyKey: `${timestamp}-${digits.toLowerCase()}` };
    }
    return new Problem("signature_mismatch");
  };
}

/**
 * Whether a verified request may speak for this App, the one in its body. An App's own secret signs for that App alone, and
 * WEBHOOK_SECRET for every App that has no secret of its own.
 */
export function speaksFor(appId: string, { signer }: Verified, { appSecrets }: Secrets): boolean {
  return ownSecrets(appSecrets, appId) === signer?.ownList;
}

function importKeys(secrets: readonly string[]): Promise<CryptoKey[]> {
  return Promise.all(secrets.map((secret) => importHmacKey(encoder.encode(secret) as Uint8Array<ArrayBuffer>)));
}

/** Which of the keys made the signature of this message, or -1. */
async function indexOfSigner(
  keys: CryptoKey[],
  signature: Uint8Array<ArrayBuffer>,
  message: Uint8Array<ArrayBuffer>,
): Promise<number> {
  for (const [index, key] of keys.entries()) {
    if (await hmacMatches(key, signature, message)) return index;
  }
  return -1;
}

/** Without a string for each pair of digits: in workerd, making them took half as long as the HMAC of a short message. */
function bytesFromHex(digits: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (valueOfDigit(digits, 2 * i) << 4) | valueOfDigit(digits, 2 * i + 1);
  return bytes;
}

/** The value of a hex digit: the low four bits of a letter, in either case, count from 1. */
function valueOfDigit(digits: string, at: number): number {
  const code = digits.charCodeAt(at);
  return (code & 0xf) + (code > 0x39 ? 9 : 0);
}
