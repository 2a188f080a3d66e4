import { type Body, mapText } from "../../sender/body.ts";
import { spaced } from "../../sender/json-forms.ts";
import {
  type OutgoingRequest,
  signedNow,
  WRONG_SIGNATURE,
  withExtraHeader,
  withHeader,
} from "../../sender/outgoing-request.ts";
import { mainAppPayload, smokePayload, testButtonPayload } from "../../sender/payload.ts";
import { Skipped } from "../broken.ts";
import type { Check } from "../check.ts";
import { expectNotAccepted, expectRefused, statusOf } from "../expect.ts";
import type { Webhook } from "../webhook.ts";
import { forged, REFUSED, refuses, type Variants, withSignature } from "./refusal.ts";

const LONG = 200_000;
const DEEP: Body = [
  { repeat: "[", times: 100_000 },
  { repeat: "]", times: 100_000 },
];

/** Messages of many kinds: a webhook may have a way around the signature for one of them. */
function kinds(request: OutgoingRequest, webhook: Webhook): Variants {
  const payload = mainAppPayload({ content: "@", historyTail: [] });
  const ids = { appId: payload.app.id, threadId: payload.thread.id };
  const [start = "", end = ""] = JSON.stringify(payload).split("@");
  const chunked = withHeader(withHeader(request, "Content-Length", undefined), "Transfer-Encoding", "chunked");
  return [
    ["text outside ASCII", webhook.textRequest("café 😀")],
    ["spaced separators", { ...request, body: mapText(request.body, spaced) }],
    ["the Test button's message", webhook.payloadRequest(testButtonPayload())],
    ["the smoke test's message", webhook.payloadRequest(smokePayload())],
    ["a message without X-App-Id", withHeader(request, "X-App-Id", undefined)],
    ["a content type with a charset", withHeader(request, "Content-Type", "application/json; charset=utf-8")],
    ["text/plain", withHeader(request, "Content-Type", "text/plain")],
    ["no content type", withHeader(request, "Content-Type", undefined)],
    [
      "X-Forwarded-For: 127.0.0.1",
      withExtraHeader(withExtraHeader(request, "X-Forwarded-For", "127.0.0.1"), "X-Real-IP", "127.0.0.1"),
    ],
    ["a chunked body", { ...chunked, chunkBytes: 64, note: "Sent in HTTP chunks of 64 bytes; curl makes larger ones." }],
    ["invalid UTF-8", webhook.bodyRequest([start, Uint8Array.of(0xff), end], ids)],
    ["100,000 lists inside each other", webhook.bodyRequest([start, `","deep":`, ...DEEP, `,"and":"`, end], ids)],
    [`a text of ${LONG} characters`, webhook.bodyRequest([start, { repeat: "a", times: LONG }, end], ids)],
  ];
}

export const signatureBypass: readonly Check[] = [
  refuses({
    id: "S18",
    name: "verifies messages of every kind",
    risk: "forge messages of one kind",
    sends:
      "signed with another secret: é and 😀, spaced JSON, the Test button's and the smoke test's message, no X-App-Id, a charset, text/plain, no type, X-Forwarded-For, chunks, invalid UTF-8, deep lists, 200,000 characters",
    fix: "Verify every POST before you look at what is in it: no exceptions.",
    requests: 13,
    // A webhook that fails at one of them has not accepted it. Other checks look at that.
    judge: expectNotAccepted,
    variants: (request, webhook) =>
      kinds(request, webhook).map(([what, request]) => [`signed with another secret: ${what}`, forged(request)]),
  }),
  {
    id: "S19",
    level: "MUST",
    name: "verifies a message that looks like an accepted one",
    risk: "read the reply to a message that is not theirs",
    follows: "S04",
    sends: "a message; then the same with a wrong signature, and another text with its id, its timestamp and its signature",
    expects: REFUSED,
    fix: "Verify each request before you look up whether the message is known.",
    requests: 3,
    needs: ["secret"],
    async run(webhook) {
      const message = signedNow(webhook.textRequest("hello"), webhook.secret);
      if (statusOf(await webhook.send(message)) !== 200) throw new Skipped("the message itself was not accepted");
      const copy = withSignature(message, WRONG_SIGNATURE);
      expectRefused(await webhook.send(copy), { sent: "an accepted message again, with a wrong signature" });
      const other = { ...message, body: mapText(message.body, (json) => json.replaceAll('"hello"', '"hellp"')) };
      expectRefused(await webhook.send(other), { sent: "another text with the signature of an accepted message" });
    },
  },
];
