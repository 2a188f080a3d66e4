import type { Body } from "../../sender/body.ts";
import type { Hash } from "../../sender/hmac.ts";
import { NOW, type OutgoingRequest, SIGNATURE, signedAgain, TIME, withHeader } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import type { Check } from "../check.ts";
import type { Webhook } from "../webhook.ts";
import { refuses, withSignature } from "./refusal.ts";
import { COVERS } from "./signature-time.ts";
import { timeElsewhere } from "./time-elsewhere.ts";

/** A time that is even when rounded to seconds, to minutes or to five minutes. */
const ROUND_SECONDS = 300;
/** Usual sizes of a buffer, in bytes. */
const PARTS = [256, 1000, 1024, 4096, 65_536];
/** Short enough for half of the smallest body. */
const SHORT = '{"event":"message_received","app":{"id":"a1"},"thread":{"id":"t1"},"message":{"content":"hello"}}';

export const signedText: readonly Check[] = [
  refuses({
    id: "S20",
    name: "verifies the exact X-Timestamp",
    risk: "repeat a captured message for ever, with a new timestamp",
    sends: "signatures over the body alone, over X-Timestamp one second off or rounded, and over the time in the body",
    fix: COVERS,
    requests: 6,
    variants: (request, webhook) => {
      const now = Math.floor(Date.now() / 1000);
      const round = now - (now % ROUND_SECONDS);
      const at = (time: number, signed: number) =>
        signedAgain(withHeader(request, "X-Timestamp", String(time)), { start: `${signed}.` });
      return [
        ["signed over the body alone", signedAgain(request, { start: "" })],
        ["signed over X-Timestamp less one second", at(now, now - 1)],
        ["signed over X-Timestamp and one second", at(now, now + 1)],
        ["signed over X-Timestamp, rounded", at(round + 2, round)],
        ...timeElsewhere(webhook),
      ];
    },
  }),
  refuses({
    id: "S21",
    level: "SHOULD",
    name: "knows one way to sign",
    risk: "use a signature that was made for something else",
    sends:
      "signatures without the dot, with v0: and colons, over milliseconds, over an X-Timestamp without its leading zeros, and with SHA-1 and SHA-512",
    fix: COVERS,
    requests: 6,
    variants: (request) => [
      ["signed without the dot", signedAgain(request, { start: TIME })],
      ["signed over v0:, X-Timestamp, a colon and the body", signedAgain(request, { start: `v0:${TIME}:` })],
      ["signed over milliseconds", signedAgain(request, { start: `${TIME}000.` })],
      ["X-Timestamp with two leading zeros, signed without them", signedAgain(request, { time: `00${NOW}`, start: `${NOW}.` })],
      ["X-Signature with sha1= and an HMAC-SHA1", withHash(request, "sha1")],
      ["X-Signature with sha512= and an HMAC-SHA512", withHash(request, "sha512")],
    ],
  }),
  refuses({
    id: "S22",
    name: "verifies the whole body",
    risk: "change the part of a message that is not verified",
    sends: "signatures over half of the body, which is its first line too, over the message or its text, and over no body",
    fix: "Compute the HMAC over all bytes of the raw body, not over a part of it or a value from it.",
    requests: PARTS.length + 4,
    variants: (request, webhook) => {
      const payload = mainAppPayload({ content: "hello", historyTail: [] });
      return [
        ...PARTS.map((size) => {
          const [first, second] = halves(SHORT, size);
          const whole = webhook.bodyRequest([...first, ...second], { appId: "a1", threadId: "t1" });
          return [`signed over the first ${size} of ${2 * size} bytes`, signedAgain(whole, { over: first })] as const;
        }),
        ["signed over the message alone", signedOver(webhook, payload, JSON.stringify(payload.message))],
        ["signed over the text alone", signedOver(webhook, payload, payload.message.content)],
        ["signed over [object Object]", signedOver(webhook, payload, String(payload))],
        ["signed over X-Timestamp alone", signedAgain(request, { start: TIME, over: [] })],
      ];
    },
  }),
];

function withHash(request: OutgoingRequest, hash: Hash): OutgoingRequest {
  return withSignature(signedAgain(request, { hash }), `${hash}=${SIGNATURE}`);
}

function signedOver(webhook: Webhook, payload: object, text: string) {
  return signedAgain(webhook.payloadRequest(payload), { over: [text] });
}

/** The JSON of an object with more keys, in two halves of `size` bytes. The first is the first line. */
function halves(json: string, size: number): [first: Body, second: Body] {
  const [start, between, end] = ['{"padding":"', `"\n,${json.slice(1, -1)},"more":"`, '"}'];
  return [
    [start, { repeat: "a", times: size - start.length - 1 }, between.slice(0, 1)],
    [between.slice(1), { repeat: "a", times: size - between.length + 1 - end.length }, end],
  ];
}
