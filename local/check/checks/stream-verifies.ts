import type { OutgoingRequest } from "../../sender/outgoing-request.ts";
import { signedAgain, withHeader } from "../../sender/outgoing-request.ts";
import { fallbackPayload, mainAppPayload } from "../../sender/payload.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { dataObject, joinedText } from "../stream-reading.ts";
import type { Webhook } from "../webhook.ts";
import { forged, refuses, unsigned } from "./refusal.ts";
import { streamOf } from "./stream-requests.ts";

const SAME_CODE = "Let both URLs read, verify and parse a message with the same code; only the answer differs.";

/** Messages that a webhook may take on one URL and not on the other. */
const ACCEPTED: readonly (readonly [what: string, request: (webhook: Webhook) => OutgoingRequest])[] = [
  ["é and 😀, signed as the main app signs them", (webhook) => webhook.textRequest("café 😀", webhook.streamUrl)],
  ["empty content", (webhook) => webhook.textRequest("", webhook.streamUrl)],
  [
    "customer_id null, and a history that ends with an answer",
    (webhook) =>
      webhook.payloadRequest(
        mainAppPayload({ customerId: null, historyTail: [{ role: "assistant", content: "earlier", content_json: {} }] }),
        webhook.streamUrl,
      ),
  ],
  ["the fallback payload", (webhook) => webhook.payloadRequest(fallbackPayload(), webhook.streamUrl)],
];

export const streamVerifies: readonly Check[] = [
  {
    ...refuses({
      id: "E16",
      name: "verifies on the stream URL as on the other",
      risk: "get past the signature on the stream URL",
      sends:
        "to the stream URL: no signature headers, another secret, a changed body, a timestamp of 301 s ago, one with a fraction",
      fix: SAME_CODE,
      requests: 5,
      variants: (_, webhook) => {
        const request = webhook.textRequest("hello", webhook.streamUrl);
        const [json] = request.body as [string];
        const time = `${Math.floor(Date.now() / 1000)}.5`;
        return [
          ["no signature headers", unsigned(request)],
          ["signed with another secret", forged(request)],
          ["one letter of the body changed", { ...request, body: [json.replace('"hello"', '"hellp"')] }],
          ["timestamp 301 s ago", signedAgain(request, { offset: -301 })],
          ["X-Timestamp with a fraction", signedAgain(withHeader(request, "X-Timestamp", time), { start: `${time}.` })],
        ];
      },
    }),
    needs: ["stream", "secret"],
  },
  {
    id: "E17",
    level: "MUST",
    name: "streams an answer to every message that the main app sends",
    sends: `to the stream URL: ${ACCEPTED.map(([what]) => what).join("; ")}`,
    expects: "an event stream that ends with done; from an echo, with the text",
    fix: SAME_CODE,
    requests: ACCEPTED.length,
    needs: ["stream"],
    async run(webhook) {
      for (const [what, request] of ACCEPTED) {
        const sent = await webhook.send(request(webhook));
        const details = { by: sent, sent: what };
        const { events } = streamOf(sent, { sent: what, fix: SAME_CODE });
        const last = events.at(-1);
        if (last?.type !== "done" || !dataObject(last)) throw new Broken("a stream that does not end with done", details);
        if (what.startsWith("é") && webhook.isEcho && !joinedText(events).includes("café 😀"))
          throw new Broken(`another text: ${sent.quote(joinedText(events))}`, details);
      }
    },
  },
];
