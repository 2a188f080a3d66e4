import { createHmac } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { bodyFindings, type KnownSecrets, keyTrials } from "./app-keys.ts";
import { decodeSignature } from "./decode-signature.ts";
import { lastWords } from "./last-words.ts";
import { HASHES } from "./signature-writings.ts";
import { bodyTrials } from "./signed-forms.ts";
import { joinTrials, timestampFindings } from "./timestamps.ts";
import type { Finding, Trial } from "./trial.ts";

export interface RefusedRequest extends KnownSecrets {
  readonly body: Buffer;
  readonly timestamp: string | undefined;
  readonly signature: string | undefined;
  /** X-App-Id. It matters only with `appSecrets`. */
  readonly appId?: string | undefined;
  /** The time of arrival, in Unix seconds. */
  readonly receivedAt: number;
  /** The header's value, if it is known. */
  readonly contentLength?: string | undefined;
  /** Whether it was read from the connection, so that the body cannot have been saved wrongly. */
  readonly isLive?: boolean;
}

export interface Explanation {
  /** Whether a webhook that follows the contract accepts the request. */
  readonly valid: boolean;
  readonly findings: readonly Finding[];
  /** Whether the signed bytes were found. If not, the findings are only about the headers. */
  readonly found: boolean;
  readonly tried: number;
  /** What to do next, if the signed bytes were not found. */
  readonly hints: readonly string[];
}

/** The most faults of the signed bytes that are tried together. Of a large body one, because each trial reads all of it. */
const MOST_FAULTS = 2;
const LARGE_BYTES = 65_536;

/**
 * Explains why a webhook refuses a request. It makes the signature from the combinations of the possible secrets,
 * timestamps and bodies. Of those that match, the combination with the fewest faults wins. All that takes seconds for a large body,
 * so other work of the process gets its turn between two trials.
 */
export async function explain(request: RefusedRequest): Promise<Explanation> {
  const { body, timestamp, signature, receivedAt } = request;
  if (!signature || !timestamp) {
    const missing = [!signature && "X-Signature", !timestamp && "X-Timestamp"].filter(Boolean);
    const what = `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing`;
    const fix = "Set the webhook secret in the main app's dashboard, and make sure that no proxy drops the header.";
    const findings = [{ code: "header-missing", what, fix }];
    return { valid: false, found: false, tried: 0, findings, hints: [] };
  }
  const { digest, findings: shape } = decodeSignature(signature);
  const time = timestampFindings(timestamp, receivedAt);
  if (!digest) return { valid: false, found: false, tried: 0, findings: [...shape, ...time], hints: [] };

  const hash = HASHES[digest.length] as string;
  const most = body.length > LARGE_BYTES ? 1 : MOST_FAULTS;
  let best: readonly Finding[] | undefined;
  let tried = 0;
  const keys = keyTrials(request);
  const joins = joinTrials(timestamp, "sender");
  for await (const content of bodyTrials(body)) {
    if (best && faultsIn(best) === 0) break;
    for (const key of keys) {
      for (const joined of joins) {
        const findings = findingsOf(key, content, joined);
        if (faultsIn(findings) > most) continue;
        tried++;
        if (best && weight(best) <= weight(findings)) continue;
        await setImmediate();
        const { before, after } = joined.value;
        const made = createHmac(hash, key.value).update(before).update(content.value).update(after).digest();
        if (made.equals(digest)) best = findings;
      }
    }
  }
  const signer = best && faultsIn(best) === 0 ? [...best, ...bodyFindings(body, request)] : (best ?? []);
  const findings = [...signer, ...shape, ...time];
  const valid = best !== undefined && faultsIn(findings) === 0;
  return { valid, found: best !== undefined, findings, tried, hints: best ? [] : lastWords(tried, request) };
}

function findingsOf(...trials: readonly Trial<unknown>[]): Finding[] {
  return trials.flatMap(({ finding }) => finding ?? []);
}

function faultsIn(findings: readonly Finding[]): number {
  return findings.filter(({ accepted }) => !accepted).length;
}

/** Less is better: first the faults, then everything unusual. */
function weight(findings: readonly Finding[]): number {
  return 10 * faultsIn(findings) + findings.length;
}
