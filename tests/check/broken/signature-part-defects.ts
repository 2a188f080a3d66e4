import { createHmac } from "node:crypto";
import { type Behaviour, correct } from "./base.ts";
import type { Defect } from "./defect.ts";

/** Compares two signatures by their digits, in lower case. */
const compares = (equal: (given: string, expected: string) => boolean): Partial<Behaviour> => ({
  matches: (digits, expected) => equal(digits.toLowerCase(), expected.toString("hex")),
});

/** Accepts whatever X-Signature matches `rule`, too. */
const alsoAccepts = (rule: (signature: string) => boolean): Partial<Behaviour> => ({
  verify(request, body) {
    const signature = String(request.headers["x-signature"] ?? "-");
    return rule(signature) && request.headers["x-timestamp"] ? undefined : correct.verify.call(this, request, body);
  },
});

/** Accepts signatures that were made with one of these keys, too. */
const alsoKeys = (...keys: string[]): Partial<Behaviour> => ({
  matches: () => false,
  verify(request, body) {
    const signedWith = (key: string) =>
      correct.verify.call({ ...this, matches: correct.matches, digest: hmacWith(key) }, request, body);
    const refusals = [this.secret, ...keys.map((key) => (key === "app id" ? String(request.headers["x-app-id"]) : key))];
    return refusals.some((key) => !signedWith(key)) ? undefined : [401, "signature_mismatch"];
  },
});

const hmacWith =
  (key: string): Behaviour["digest"] =>
  (timestamp, body) =>
    createHmac("sha256", key).update(`${timestamp}.`).update(body).digest();

const sum = (digits: string) => [...digits].reduce((total, digit) => total + Number.parseInt(digit, 16), 0);
const sorted = (digits: string) => [...digits].sort().join("");
const bytes = (digits: string) => [...Buffer.from(digits, "hex")];

export const signaturePartDefects: readonly Defect[] = [
  { caughtBy: "S17", mistake: "compares 8 digits", changes: compares((a, b) => a.slice(0, 8) === b.slice(0, 8)) },
  { caughtBy: "S17", mistake: "compares the last 8 digits", changes: compares((a, b) => a.slice(-8) === b.slice(-8)) },
  {
    caughtBy: "S17",
    mistake: "compares all digits but the last",
    changes: compares((a, b) => a.slice(0, 63) === b.slice(0, 63)),
  },
  { caughtBy: "S17", mistake: "compares all digits but the first", changes: compares((a, b) => a.slice(1) === b.slice(1)) },
  {
    caughtBy: "S17",
    mistake: "compares every other byte",
    changes: compares((a, b) => bytes(a).every((byte, i) => i % 2 === 1 || byte === bytes(b)[i])),
  },
  {
    caughtBy: "S17",
    mistake: "compares every other digit",
    changes: compares((a, b) => [...a].every((digit, i) => i % 2 === 1 || digit === b[i])),
  },
  {
    caughtBy: "S17",
    mistake: "compares both ends",
    changes: compares((a, b) => a.slice(0, 8) === b.slice(0, 8) && a.slice(-8) === b.slice(-8)),
  },
  { caughtBy: "S17", mistake: "compares the sum of the digits", changes: compares((a, b) => sum(a) === sum(b)) },
  { caughtBy: "S17", mistake: "compares sorted digits", changes: compares((a, b) => sorted(a) === sorted(b)) },
  {
    caughtBy: "S17",
    mistake: "keeps only the last result of its loop",
    changes: compares((a, b) => bytes(a).reduce((_, byte, i) => byte ^ (bytes(b)[i] ?? 0), 0) === 0),
  },
  {
    caughtBy: "S17",
    mistake: "lets two differences cancel out",
    changes: compares((a, b) => bytes(a).reduce((diff, byte, i) => diff ^ byte ^ (bytes(b)[i] ?? 0), 0) === 0),
  },
  {
    caughtBy: "S17",
    mistake: "stops at the first equal byte",
    changes: compares((a, b) => bytes(a).some((byte, i) => byte === bytes(b)[i])),
  },
  {
    caughtBy: "S17",
    mistake: "compares all but a few bytes",
    changes: compares((a, b) => a.slice(0, 40) === b.slice(0, 40) && a.slice(54) === b.slice(54)),
  },
  { caughtBy: "S17", mistake: "compares by order", changes: compares((a, b) => a <= b) },
  { caughtBy: "S17", mistake: "compares by order, the other way", changes: compares((a, b) => a >= b) },
  { caughtBy: "S17", mistake: "compares as numbers", changes: compares((a, b) => Number(`0x${a}`) === Number(`0x${b}`)) },
  {
    caughtBy: "S17",
    mistake: "forgives three wrong digits",
    changes: compares((a, b) => [...a].filter((digit, i) => digit !== b[i]).length <= 3),
  },
  {
    caughtBy: "S17",
    mistake: "compares with an empty buffer too",
    changes: alsoAccepts((value) => /^sha256=0{64}$/.test(value)),
  },
  {
    caughtBy: "S10",
    mistake: "accepts a truncated HMAC",
    changes: {
      signatureDigits: (value) => /^sha256=((?:[0-9a-f]{32}){1,2})$/i.exec(value)?.[1],
      matches: (digits, expected) => expected.toString("hex").slice(0, digits.length) === digits.toLowerCase(),
    },
  },
  {
    caughtBy: "S10",
    mistake: "looks for the digits inside the signature",
    changes: {
      signatureDigits: (value) => /^sha256=([0-9a-f]{1,64})$/i.exec(value)?.[1],
      matches: (digits, expected) => digits.length % 2 === 0 && expected.toString("hex").includes(digits.toLowerCase()),
    },
  },
  { caughtBy: "S10", mistake: "accepts no digits at all", changes: alsoAccepts((value) => value === "sha256=") },
  { caughtBy: "S10", mistake: "compares with undefined", changes: alsoAccepts((value) => value === "sha256=undefined") },
  { caughtBy: "S10", mistake: "compares with None", changes: alsoAccepts((value) => value === "None") },
  { caughtBy: "S14", mistake: "signs with the word undefined too", changes: alsoKeys("undefined") },
  { caughtBy: "S14", mistake: "signs with the word None too", changes: alsoKeys("None") },
  { caughtBy: "S14", mistake: "takes the app id for a secret", changes: alsoKeys("app id") },
];
