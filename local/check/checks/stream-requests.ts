import { answerHeader } from "../../http/exchange.ts";
import { withRepeated } from "../../sender/body.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import { Broken, type BrokenDetails } from "../broken.ts";
import { described, encodingFix, replyOf, statusOf } from "../expect.ts";
import { eventsOf, type StreamEvent } from "../stream-reading.ts";
import { type Sent, signedOverRaw, type Webhook } from "../webhook.ts";
import { EVERY_KIND } from "./text-kinds.ts";

export const TEXT = 'Streamed: café 日本 😀 "quoted" \\ <b>\nsecond line\n\nfourth line';
export const LONG_LINE_END = "abcdefghijklmnopqrstuvwxyz";
const LONG_LINE = `0123456789 äöü 日本 😀 ${LONG_LINE_END}\\n`;
export const LONG_LINES = 1600;
/** The text of the long request. */
export const LONG_TEXT = LONG_LINE.replace("\\n", "\n").repeat(LONG_LINES);

/** A stream with more events than this fails. */
const MAX_EVENTS = 100_000;

export interface Stream extends Sent {
  readonly answer: NonNullable<Sent["answer"]>;
  readonly events: readonly StreamEvent[];
}

/** The stream that answers one plain message. Sent once: many checks look at it. */
export function shortStream(webhook: Webhook): Promise<Stream> {
  const send = () => webhook.send(webhook.rawTextRequest(TEXT, webhook.streamUrl));
  return webhook.once("short stream", async () => streamOf(await send()));
}

/** The stream for a text of every kind. */
export function everyKindStream(webhook: Webhook): Promise<Stream> {
  const send = () => webhook.send(webhook.rawTextRequest(EVERY_KIND, webhook.streamUrl));
  return webhook.once("stream of every kind", async () => streamOf(await send()));
}

/** Throws {@link Broken} if the answer is no event stream. */
export function streamOf(sent: Sent, details: BrokenDetails = {}): Stream {
  const { answer } = sent;
  if (answer?.status !== 200 || !answerHeader(sent, "content-type").startsWith("text/event-stream")) {
    const fix = (answer?.status ?? 0) >= 500 ? "The stream URL answers with an error: look at the webhook's log." : E01_FIX;
    throw new Broken(described(sent), { by: sent, fix, ...details });
  }
  const fix = encodingFix(sent);
  if (fix) throw new Broken(described(sent), { by: sent, fix });
  const events = eventsOf(answer.body, MAX_EVENTS + 1);
  if (events.length > MAX_EVENTS) throw new Broken(`a stream of more than ${MAX_EVENTS} events`, { by: sent });
  return { ...sent, answer, events };
}

/** A request whose echo is longer than the main app reads at once. */
export function longRequest(webhook: Webhook, url: URL) {
  const payload = mainAppPayload({ content: "@long@", historyTail: [] });
  const body = withRepeated(JSON.stringify(payload), "@long@", LONG_LINE, LONG_LINES);
  return signedOverRaw(webhook.bodyRequest(body, { appId: payload.app.id, threadId: payload.thread.id }, url));
}

/** The JSON answer to the long request. */
export function longReply(webhook: Webhook): Promise<Sent> {
  return webhook.once("long reply", () => webhook.send(longRequest(webhook, webhook.url)));
}

/** The long stream, if the webhook is an echo that returns such a long text in its JSON answer. */
export async function fullLongStream(webhook: Webhook): Promise<Stream | undefined> {
  if (!webhook.isEcho) return undefined;
  const sent = await longReply(webhook);
  return statusOf(sent) === 200 && replyOf(sent).includes(LONG_TEXT) ? longStream(webhook, "first") : undefined;
}

export const E01_FIX =
  "Answer the stream URL with 200 and Content-Type: text/event-stream, in lower case: the main app accepts nothing else.";

/** The stream that answers the long request. A new key sends the request again. */
export function longStream(webhook: Webhook, key: string): Promise<Stream> {
  const send = () => webhook.send(longRequest(webhook, webhook.streamUrl));
  return webhook.once(`long stream ${key}`, async () => streamOf(await send()));
}
