import { between, OTHER, SIGNATURE, WRONG_SIGNATURE } from "../../sender/outgoing-request.ts";
import type { Check } from "../check.ts";
import { refuses, withSignature } from "./refusal.ts";
import { COMPARE } from "./signature-headers.ts";

const DIGITS = 64;
/** In even and odd bytes, in their high and low halves: a comparison that skips bytes or digits skips one of these. */
const PLACES = [0, 15, 30, 33, 48, DIGITS - 1];
const HALF = DIGITS / 2;

const part = (from: number, to: number) => between(SIGNATURE, from, to);
const withWrongDigit = (at: number) => `sha256=${part(0, at)}${between(OTHER, at, at + 1)}${part(at + 1, DIGITS)}`;

export const signatureDigits: readonly Check[] = [
  refuses({
    id: "S17",
    name: "compares every digit of the signature",
    risk: "find a signature that is only partly right",
    sends:
      "the right signature with one wrong digit: the first, the last, and four between; with its halves swapped; only zeros",
    fix: COMPARE,
    requests: 2 + PLACES.length,
    variants: (request) => [
      ...PLACES.map(
        (at) => [`the right signature, but for digit ${at + 1}`, withSignature(request, withWrongDigit(at))] as const,
      ),
      // All digits and bytes are there: their sum, their order from small to large and their exclusive or are the same.
      ["the right signature with its halves swapped", withSignature(request, `sha256=${part(HALF, DIGITS)}${part(0, HALF)}`)],
      ["a signature of zeros", withSignature(request, WRONG_SIGNATURE)],
    ],
  }),
];
