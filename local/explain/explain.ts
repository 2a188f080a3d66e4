import { createHmac } from "node:crypto";
import { decodeSignature } from "./decode-signature.ts";
import { bodyTrials, type Finding, secretTrials, type Trial } from "./signed-forms.ts";
import { timestampFindings, timestampTrials } from "./timestamps.ts";

export interface RefusedRequest {
  readonly body: Buffer;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  readonly secret: string;
  readonly previous?: string | undefined;
  /** The time of arrival, in Unix seconds. */
  readonly receivedAt: number;
}

export interface Explanation {
  /** Whether a webhook that follows the contract accepts the request. */
  readonly valid: boolean;
  readonly findings: readonly Finding[];
  /** Whether the signed bytes were found. If not, the findings are only about the headers. */
  readonly found: boolean;
  readonly tried: number;
}

/**
 * Explains why a webhook refuses a request. It makes the signature from every combination of the possible secrets,
 * timestamps and bodies. Of those that match, the combination with the fewest findings wins.
 */
export function explain({ body, timestamp, signature, secret, previous, receivedAt }: RefusedRequest): Explanation {
  if (!signature || !timestamp) {
    const missing = [!signature && "X-Signature", !timestamp && "X-Timestamp"].filter(Boolean).join(" and ");
    const fix = "Set the webhook secret in the main app's dashboard, and make sure that no proxy drops the header.";
    return { valid: false, found: false, tried: 0, findings: [{ code: "header-missing", what: `${missing} is missing`, fix }] };
  }
  const { digest, findings: shape } = decodeSignature(signature);
  const time = timestampFindings(timestamp, receivedAt);
  if (!digest) return { valid: false, found: false, tried: 0, findings: [...shape, ...time] };

  let best: readonly Finding[] | undefined;
  let tried = 0;
  const keys = secretTrials(secret, previous);
  const times = timestampTrials(timestamp);
  for (const content of bodyTrials(body)) {
    for (const key of keys) {
      for (const prefix of times) {
        tried++;
        const combined = findingsOf(key, content, prefix);
        if (best && best.length <= combined.length) continue;
        const made = createHmac("sha256", key.value).update(prefix.value).update(content.value).digest();
        if (made.equals(digest)) best = combined;
      }
    }
  }
  const findings = [...(best ?? []), ...shape, ...time];
  return {
    valid: best !== undefined && findings.every(({ accepted }) => accepted),
    found: best !== undefined,
    findings,
    tried,
  };
}

function findingsOf(...trials: readonly Trial<unknown>[]): Finding[] {
  return trials.flatMap(({ finding }) => finding ?? []);
}
