import { answerHeader } from "../http/exchange.ts";
import { withRepeated } from "../sender/body.ts";
import { mainAppPayload } from "../sender/payload.ts";
import { Broken } from "./broken.ts";
import { described } from "./expect.ts";
import { eventsOf, type StreamEvent } from "./stream-reading.ts";
import { overRaw, type Sent, type Webhook } from "./webhook.ts";

export const TEXT = 'Streamed: café 日本 😀 "quoted" \\ <b>\nsecond line\n\nfourth line';
export const LONG_LINE = "0123456789 äöü 日本 😀 abcdefghijklmnopqrstuvwxyz\\n";
export const LONG_LINES = 1600;

export interface Stream extends Sent {
  readonly answer: NonNullable<Sent["answer"]>;
  readonly events: readonly StreamEvent[];
}

/** The stream that answers one plain message: sent once, looked at by many checks. */
export async function shortStream(webhook: Webhook): Promise<Stream> {
  return streamOf(await webhook.once("short stream", () => webhook.send(webhook.saysRaw(TEXT, webhook.streamUrl))));
}

function streamOf(sent: Sent): Stream {
  const { answer } = sent;
  if (answer?.status !== 200 || !answerHeader(sent, "content-type").startsWith("text/event-stream")) {
    throw new Broken(described(sent), { by: sent, fix: E01_FIX });
  }
  return { ...sent, answer, events: eventsOf(answer.body) };
}

/** A message whose echo is more than the main app reads at once. */
export function longMessage(webhook: Webhook, url: URL) {
  const payload = mainAppPayload({ content: "@long@", historyTail: [] });
  const body = withRepeated(JSON.stringify(payload), "@long@", LONG_LINE, LONG_LINES);
  return overRaw(webhook.bodyMessage(body, { appId: payload.app.id, threadId: payload.thread.id }, url));
}

export const E01_FIX =
  "Answer the stream URL with 200 and Content-Type: text/event-stream, in lower case: the main app takes nothing else.";

/** The stream that answers the long message. A key of its own asks anew. */
export async function longStream(webhook: Webhook, key: string): Promise<Stream> {
  return streamOf(await webhook.once(`long stream ${key}`, () => webhook.send(longMessage(webhook, webhook.streamUrl))));
}
