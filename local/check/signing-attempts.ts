import { createHmac } from "node:crypto";
import { type Key, secretTrials } from "../explain/secret-trials.ts";
import { BARE_HEX, COMMON_WRITINGS, CONTRACT, RARE_WRITINGS, type Writing } from "../explain/signature-writings.ts";
import { joinTrials } from "../explain/timestamps.ts";
import type { Finding } from "../explain/trial.ts";

/** A way to sign that a webhook may expect instead of the contract's. */
export interface Attempt {
  readonly key: Key;
  readonly hash: string;
  readonly time: Time;
  /** The index of the join in {@link joinTrials}. */
  readonly join: number;
  readonly writing: Writing;
  /** What the webhook does, and how to fix it: a sentence for each difference from the contract. */
  readonly advice: readonly string[];
}

interface Time {
  readonly advice: string;
  write(nowMs: number): string;
}

const SECONDS: Time = { write: (nowMs) => String(Math.floor(nowMs / 1000)), advice: "" };
const TIMES: readonly Time[] = [
  {
    write: String,
    advice:
      "It reads X-Timestamp in milliseconds. It is in Unix seconds: multiply it by 1000 before you compare it with Date.now().",
  },
  {
    write: (nowMs) => new Date(nowMs).toISOString(),
    advice: "It reads X-Timestamp as an ISO date. It is in Unix seconds: read it as a whole number.",
  },
];
const OTHER_HASHES = ["sha1", "sha512"];

/** Each way that differs from the contract in one thing, and then those that often differ in two. */
export function signingAttempts(secret: string): Attempt[] {
  const contract: Attempt = { key: secret, hash: "sha256", time: SECONDS, join: 0, writing: CONTRACT, advice: [] };
  const keys = secretTrials(secret, "webhook").flatMap(({ value, finding }) =>
    finding ? { ...contract, key: value, advice: [inWords(finding)] } : [],
  );
  const joins = joinTrials("0", "webhook").flatMap(({ finding }, join) =>
    finding ? { ...contract, join, advice: [inWords(finding)] } : [],
  );
  const times = TIMES.map((time) => ({ ...contract, time, advice: [time.advice] }));
  const hashes = OTHER_HASHES.flatMap((hash) => {
    const advice = [`It uses HMAC-${hash.replace("sha", "SHA-")}. X-Signature is an HMAC-SHA-256: use that.`];
    const ownPrefix: Writing = { write: (digest) => `${hash}=${digest.toString("hex")}`, advice: "" };
    return [CONTRACT, ownPrefix, BARE_HEX].map((writing) => ({ ...contract, hash, writing, advice }));
  });
  const written = (attempt: Attempt, writing: Writing) => ({
    ...attempt,
    writing,
    advice: [...attempt.advice, writing.advice],
  });
  const combined = [...joins, ...times].flatMap((attempt) => COMMON_WRITINGS.map((writing) => written(attempt, writing)));
  const bareWithKeys = keys.map((attempt) => written(attempt, BARE_HEX));
  return [
    contract,
    ...[...COMMON_WRITINGS, ...RARE_WRITINGS].map((writing) => written(contract, writing)),
    ...joins,
    ...keys,
    ...times,
    ...hashes,
    ...combined,
    ...bareWithKeys,
  ];
}

/** The most attempts of {@link signingAttempts}, whatever the secret is. */
export const MOST_ATTEMPTS = 83;

/** The timestamp and the signature of `body`, signed so. */
export function signedSo({ key, hash, time, join, writing }: Attempt, body: Buffer): { timestamp: string; signature: string } {
  const timestamp = time.write(Date.now());
  const { before, after } = joinTrials(timestamp, "webhook")[join]?.value ?? { before: "", after: "" };
  const digest = createHmac(hash, key).update(before).update(body).update(after).digest();
  return { timestamp, signature: writing.write(digest, timestamp) };
}

function inWords({ what, fix }: Finding): string {
  return `${what[0]?.toUpperCase()}${what.slice(1)}. ${fix}`;
}
