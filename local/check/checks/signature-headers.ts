import {
  BASE64,
  between,
  type OutgoingRequest,
  SIGNATURE,
  signedAgain,
  TIME,
  WRONG_SIGNATURE,
  withExtraHeader,
  withHeader,
} from "../../sender/outgoing-request.ts";
import { smokePayload, testButtonPayload } from "../../sender/payload.ts";
import type { Check } from "../check.ts";
import { forged, refuses, unsigned, withSignature } from "./refusal.ts";
import { timeElsewhere } from "./time-elsewhere.ts";

const FAIL_CLOSED = "If a secret is set, answer 401 to every message without X-Signature or X-Timestamp.";
export const COMPARE =
  "Compute the HMAC with the webhook's secret, and compare all of its digits in constant time. (Is the secret set there at all?)";
export const RAW = "Verify the raw body: do not trim, decode or normalise it, and do not parse and write it again.";
/** What languages write for a value that is not there. */
const NO_VALUES = ["undefined", "None", "null"];
const FULL = `sha256=${SIGNATURE}`;

export const signatureHeaders: readonly Check[] = [
  refuses({
    id: "S01",
    name: "refuses a message without signature headers",
    risk: "send unsigned messages",
    sends: "neither X-Signature nor X-Timestamp: a plain message, the Test button's, and the smoke test's",
    fix: FAIL_CLOSED,
    requests: 3,
    variants: (request, webhook) => [
      ["no signature headers", unsigned(request)],
      ["the Test button's message without signature headers", unsigned(webhook.payloadRequest(testButtonPayload()))],
      ["the smoke test's message without signature headers", unsigned(webhook.payloadRequest(smokePayload()))],
    ],
  }),
  refuses({
    id: "S02",
    name: "refuses a message without X-Signature",
    risk: "send unsigned messages",
    sends: "X-Timestamp alone",
    fix: FAIL_CLOSED,
    requests: 1,
    variants: (request) => [["X-Timestamp alone", withHeader(request, "X-Signature", undefined)]],
  }),
  refuses({
    id: "S03",
    name: "refuses a message without X-Timestamp",
    risk: "send unsigned messages",
    sends: "X-Signature alone; the signed time in other headers, in the query and in the body",
    fix: FAIL_CLOSED,
    requests: 3,
    variants: (request, webhook) =>
      [["X-Signature alone", request] as const, ...timeElsewhere(webhook)].map(
        ([what, request]) => [what, withHeader(request, "X-Timestamp", undefined)] as const,
      ),
  }),
  refuses({
    id: "S04",
    name: "refuses another secret",
    risk: "sign messages with any secret",
    sends: "a message signed with another secret",
    fix: COMPARE,
    requests: 1,
    variants: (request) => [["signed with another secret", forged(request)]],
  }),
  refuses({
    id: "S05",
    name: "refuses a changed body",
    risk: "change a message after it was signed",
    sends: "messages that were changed after signing: one letter, a space in the text, another key",
    fix: RAW,
    requests: 3,
    variants: (request) => {
      const [json] = request.body as [string];
      return [
        ["one letter of the body changed", { ...request, body: [json.replace('"hello"', '"hellp"')] }],
        ["a space added inside the text", { ...request, body: [json.replace('"hello"', '"hello "')] }],
        ["a key added to the body", { ...request, body: [`{"added":true,${json.slice(1)}`] }],
      ];
    },
  }),
  refuses({
    id: "S10",
    name: "refuses malformed signatures",
    risk: "get in with a malformed signature",
    sends:
      "X-Signature empty, without sha256=, with sha1=, with 0, 32, 63, 65 or 128 digits, not hex, in base64, with text around it, the words undefined, None and null",
    fix: "Answer 401 unless X-Signature is exactly sha256= and 64 hex digits.",
    requests: 18,
    variants: (request) => [
      ["X-Signature empty", withSignature(request, "")],
      ["X-Signature without sha256=", withSignature(request, SIGNATURE)],
      ["X-Signature with sha1=", withSignature(request, `sha1=${SIGNATURE}`)],
      ["X-Signature without digits", withSignature(request, "sha256=")],
      ["X-Signature with 32 digits", withSignature(request, `sha256=${between(SIGNATURE, 0, 32)}`)],
      ["X-Signature with 63 digits", withSignature(request, `sha256=${between(SIGNATURE, 0, 63)}`)],
      ["X-Signature with 65 digits", withSignature(request, `${FULL}0`)],
      ["X-Signature with 128 digits", withSignature(request, `${FULL}${SIGNATURE}`)],
      ["X-Signature with a g for a digit", withSignature(request, `sha256=${between(SIGNATURE, 0, 63)}g`)],
      ["X-Signature in base64", withSignature(request, `sha256=${BASE64}`)],
      ["X-Signature with text before it", withSignature(request, `v1 ${FULL}`)],
      ["X-Signature with text after it", withSignature(request, `${FULL};v=1`)],
      ...NO_VALUES.flatMap((word) => [
        [`X-Signature: ${word}`, withSignature(request, word)] as const,
        [`X-Signature: sha256=${word}`, withSignature(request, `sha256=${word}`)] as const,
      ]),
    ],
  }),
  refuses({
    id: "S12",
    name: "refuses two signatures",
    risk: "hide a wrong signature behind a second one",
    sends: "two signatures in one header and in two, the right one first or last; X-Timestamp sent twice",
    fix: "Answer 401 to two X-Signature or two X-Timestamp values.",
    requests: 5,
    variants: (request) => [
      ["two signatures in one header, the right one first", withSignature(request, `${FULL}, ${WRONG_SIGNATURE}`)],
      ["two signatures in one header, the right one last", withSignature(request, `${WRONG_SIGNATURE},${FULL}`)],
      // Some frameworks show only one of two headers. The one that they show is verified.
      ["X-Signature sent twice, the right one first", withExtraHeader(request, "X-Signature", WRONG_SIGNATURE), "SHOULD"],
      [
        "X-Signature sent twice, the right one last",
        withExtraHeader(withSignature(request, WRONG_SIGNATURE), "X-Signature", FULL),
        "SHOULD",
      ],
      ["X-Timestamp sent twice", withExtraHeader(request, "X-Timestamp", TIME), "SHOULD"],
    ],
  }),
  refuses({
    id: "S14",
    name: "refuses signatures that anyone could make",
    risk: "sign messages without the secret",
    sends:
      "signatures with an empty key, with the words undefined, None and null, and with the app's id; the signature of an empty body",
    fix: "Verify with the webhook's secret alone, never with an empty one or with a word in its place, and over the whole raw body.",
    requests: 6,
    variants: (request) => [
      ["signed with an empty key", signedAgain(request, { key: "" })],
      ...NO_VALUES.map((word) => [`signed with the key ${word}`, signedAgain(request, { key: word })] as const),
      ["signed with the value of X-App-Id", signedAgain(request, { key: appIdOf(request) })],
      ["the signature of an empty body", signedAgain(request, { over: [] })],
    ],
  }),
];

function appIdOf({ headers }: OutgoingRequest): string {
  return headers.find(([name]) => name === "X-App-Id")?.[1] ?? "";
}
