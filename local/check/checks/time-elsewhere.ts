import { signedAgain, withExtraHeader, withHeader } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import type { Webhook } from "../webhook.ts";
import type { Variants } from "./refusal.ts";

const OTHER_HEADERS = ["X-Request-Timestamp", "X-Webhook-Timestamp", "X-Signature-Timestamp", "Webhook-Timestamp", "Timestamp"];

/** Messages of ten seconds ago that have this time in many places, and sign it. Their X-Timestamp is the time of now. */
export function timeElsewhere(webhook: Webhook): Variants {
  const now = Math.floor(Date.now() / 1000);
  const time = String(now - 10);
  const date = new Date(1000 * (now - 10));
  const timestamp = date.toISOString().replace(".000Z", "+00:00");
  const url = new URL(webhook.url);
  url.searchParams.append("timestamp", time);
  const plain = webhook.payloadRequest({ ...mainAppPayload({ content: "hello" }), timestamp }, url);
  const message = OTHER_HEADERS.reduce(
    (request, name) => withExtraHeader(request, name, time),
    withExtraHeader(withHeader(plain, "X-Timestamp", String(now)), "Date", date.toUTCString()),
  );
  return [
    ["signed over the time in the body, in seconds", signedAgain(message, { start: `${time}.` })],
    ["signed over the time in the body, as it stands there", signedAgain(message, { start: `${timestamp}.` })],
  ];
}
