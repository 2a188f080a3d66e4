import {
  BASE64,
  SIGNATURE,
  SIGNATURE_CUT,
  signedAgain,
  TIME,
  withExtraHeader,
  withHeader,
} from "../../sender/outgoing-request.ts";
import type { Check } from "../check.ts";
import { refuses, unsigned, WRONG, withSignature } from "./refusal.ts";

const FAIL_CLOSED = "Refuse every message without X-Signature or X-Timestamp, if a secret is set.";
const WRONG_KEY = "not the secret of this webhook";
const FULL = `sha256=${SIGNATURE}`;

export const signatureHeaders: readonly Check[] = [
  refuses({
    id: "S01",
    name: "refuses a message without signature headers",
    risk: "send unsigned messages",
    sends: "neither X-Signature nor X-Timestamp",
    fix: FAIL_CLOSED,
    requests: 1,
    variants: (request) => [["no signature headers", unsigned(request)]],
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
    sends: "X-Signature alone",
    fix: FAIL_CLOSED,
    requests: 1,
    variants: (request) => [["X-Signature alone", withHeader(request, "X-Timestamp", undefined)]],
  }),
  refuses({
    id: "S04",
    name: "refuses another secret",
    risk: "sign messages with any secret",
    sends: "a message signed with another secret",
    fix: "Compute the HMAC with the webhook's secret, and compare all of its digits in constant time. (Is the secret set there at all?)",
    requests: 1,
    variants: (request) => [["signed with another secret", signedAgain(request, { key: WRONG_KEY })]],
  }),
  refuses({
    id: "S05",
    name: "refuses a changed body",
    risk: "change a message after it was signed",
    sends: "messages that were changed after signing: one letter, a space in the text, another key",
    fix: "Verify the raw body: do not trim it, and do not parse and write it again.",
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
    risk: "get past the signature with a malformed one",
    sends: "X-Signature empty, without sha256=, with sha1=, with 63, 65 or 128 digits, not hex, in base64, with text around it",
    fix: "Accept X-Signature only if it is exactly sha256= and 64 hex digits. Answer 401 to anything else.",
    requests: 10,
    variants: (request) => [
      ["X-Signature empty", withSignature(request, "")],
      ["X-Signature without sha256=", withSignature(request, SIGNATURE)],
      ["X-Signature with sha1=", withSignature(request, `sha1=${SIGNATURE}`)],
      ["X-Signature with 63 digits", withSignature(request, `sha256=${SIGNATURE_CUT}`)],
      ["X-Signature with 65 digits", withSignature(request, `${FULL}0`)],
      ["X-Signature with 128 digits", withSignature(request, `${FULL}${SIGNATURE}`)],
      ["X-Signature with a g for a digit", withSignature(request, `sha256=${SIGNATURE_CUT}g`)],
      ["X-Signature in base64", withSignature(request, `sha256=${BASE64}`)],
      ["X-Signature with text before it", withSignature(request, `v1 ${FULL}`)],
      ["X-Signature with text after it", withSignature(request, `${FULL};v=1`)],
    ],
  }),
  refuses({
    id: "S12",
    name: "refuses two signatures",
    risk: "hide a wrong signature behind a second one",
    sends: "two signatures in one header and in two, the right one first or last; X-Timestamp sent twice",
    fix: "Refuse a request with two X-Signature or two X-Timestamp values.",
    requests: 5,
    variants: (request) => [
      ["two signatures in one header, the right one first", withSignature(request, `${FULL}, ${WRONG}`)],
      ["two signatures in one header, the right one last", withSignature(request, `${WRONG},${FULL}`)],
      ["X-Signature sent twice, the right one first", withExtraHeader(request, "X-Signature", WRONG)],
      ["X-Signature sent twice, the right one last", withExtraHeader(withSignature(request, WRONG), "X-Signature", FULL)],
      ["X-Timestamp sent twice", withExtraHeader(request, "X-Timestamp", TIME)],
    ],
  }),
  refuses({
    id: "S14",
    name: "refuses signatures that anyone could make",
    risk: "sign messages without the secret",
    sends: "a signature with an empty key, and the signature of an empty body",
    fix: "Never verify with an empty secret, and verify the whole raw body.",
    requests: 2,
    variants: (request) => [
      ["signed with an empty key", signedAgain(request, { key: "" })],
      ["the signature of an empty body", signedAgain(request, { over: [] })],
    ],
  }),
];
