import { NIL_ID } from "../sender/main-app.ts";
import { mainAppRequest, type OutgoingRequest, signedAgain } from "../sender/outgoing-request.ts";
import { compactJson } from "./python/text.ts";
import { isoTime, type Microseconds } from "./python/time.ts";
import { dict, type PythonDict, type PythonValue } from "./python/value.ts";
import type { App, Message, Thread } from "./store/records.ts";

/** The most messages in `history_tail`. */
export const HISTORY_TAIL = 10;

type Sender = Pick<App, "id" | "name">;
type Place = Pick<Thread, "id" | "customerId">;
type Entry = Pick<Message, "role" | "content" | "contentJson">;
/** A message without an id is sent with its content alone: the fallback payload, which no endpoint of the main app sends. */
type Sent = Pick<Message, "id" | "seq"> & Entry;

interface PayloadFields {
  readonly app: Sender;
  readonly thread: Place;
  readonly message: Sent | { readonly content: string };
  /** The last {@link HISTORY_TAIL} messages, oldest first. Left out in the fallback payload. */
  readonly history?: readonly Entry[];
  readonly at: Microseconds;
}

/** The body that the main app sends: these members, in this order (observed). */
export function payloadJson({ app, thread, message, history, at }: PayloadFields): string {
  const content = message.content ?? "";
  return compactJson(
    dict({
      version: "1.0",
      event: "message_received",
      app: dict({ id: app.id, name: app.name }),
      thread: dict({ id: thread.id, customer_id: thread.customerId }),
      message: "id" in message ? dict({ id: message.id, seq: BigInt(message.seq), ...entry(message) }) : dict({ content }),
      ...(history && { history_tail: history.map((earlier) => dict(entry(earlier))) }),
      timestamp: isoTime(at),
    }),
  );
}

/** A stored null arrives as an empty text, or as an empty object (observed). */
function entry({ role, content, contentJson }: Entry): Record<string, PythonValue> {
  return { role, content: content ?? "", content_json: contentJson ?? (new Map() as PythonDict) };
}

/** The body of the Test button: no real thread, no history (observed). */
export function testPayloadJson(app: Sender, content: string, at: Microseconds): string {
  const message = { id: "00000000-0000-0000-0000-000000000001", seq: 1, role: "user", content, contentJson: null } as const;
  return payloadJson({ app, thread: { id: NIL_ID, customerId: "test-customer" }, message, history: [], at });
}

interface WebhookRequestParts {
  readonly url: URL;
  readonly appId: string;
  readonly threadId: string;
  readonly json: string;
  /** Empty or null: the request is not signed (observed). */
  readonly secret: string | null;
  readonly at: Microseconds;
}

/** The request that carries `json`, signed for the second of `at` if the App has a secret. */
export function webhookRequest({ url, appId, threadId, json, secret, at }: WebhookRequestParts): OutgoingRequest {
  const request = mainAppRequest({ url, body: [json], appId, threadId, signed: Boolean(secret) });
  return signedAgain(request, { time: String(Math.floor(at / 1_000_000)) });
}
