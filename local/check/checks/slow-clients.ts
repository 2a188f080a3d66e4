import { withRepeated } from "../../sender/body.ts";
import type { OutgoingRequest } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import { Broken, Skipped } from "../broken.ts";
import type { Check } from "../check.ts";
import { described, statusOf } from "../expect.ts";
import type { SlowClient } from "../slow-client.ts";
import { type Sent, signedOverRaw, type Webhook } from "../webhook.ts";

/** Another message must be answered within this time while one client is slow. Half of what the main app waits. */
const SOON_MS = 4000;
const HEAD_BYTES = 60;
const BODY_BYTES = 40;
/**
 * A stream keeps nobody waiting while the connection can hold it, and on one computer that is 4 MB (observed). Each of these
 * characters takes one byte in the request, and six in a stream of ASCII.
 */
const UNREAD_CHARACTER = "\x7f";
const UNREAD_CHARACTERS = 1_000_000;

interface SlowRequest {
  readonly what: string;
  readonly request: (webhook: Webhook) => OutgoingRequest;
  readonly send: (client: SlowClient, bytes: Buffer, timeoutMs: number) => Promise<void>;
}

const slowRequests: readonly SlowRequest[] = [
  {
    what: "one client sends its head byte by byte",
    request: (webhook) => webhook.textRequest("a slow head"),
    send: (client, bytes) => client.sendSlowly(bytes, HEAD_BYTES),
  },
  {
    what: "one client sends its body byte by byte",
    request: (webhook) => webhook.textRequest("a slow body"),
    send: (client, bytes) => client.sendSlowly(bytes, bytes.indexOf("\r\n\r\n") + BODY_BYTES),
  },
];

const unreadStream: SlowRequest = {
  what: "one client does not read its stream",
  request: (webhook) => {
    const payload = mainAppPayload({ content: "@long@", historyTail: [] });
    const body = withRepeated(JSON.stringify(payload), "@long@", UNREAD_CHARACTER, UNREAD_CHARACTERS);
    const ids = { appId: payload.app.id, threadId: payload.thread.id };
    return signedOverRaw(webhook.bodyRequest(body, ids, webhook.streamUrl));
  },
  send: (client, bytes, timeoutMs) => client.sendWithoutReading(bytes, timeoutMs),
};

export const slowClients: readonly Check[] = [
  {
    id: "L05",
    // Not a MUST: a development server that serves one connection at a time may stand for another one.
    level: "SHOULD",
    name: "answers others while one client is slow",
    risk: "stop it for everybody with one slow connection",
    sends:
      "a message whose head comes byte by byte, one whose body does, and one whose long stream is not read; during each, a plain message",
    expects: `the plain message answered within ${SOON_MS / 1000} s, each time`,
    fix: "Serve each connection by itself (threads, workers, async).",
    requests: 7,
    async run(webhook) {
      for (const slow of webhook.stream ? [...slowRequests, unreadStream] : slowRequests) {
        const during = await askDuring(webhook, slow);
        if (statusOf(during) === 200) continue;
        // It counts only if it is the slow client's fault.
        const after = await askSoon(webhook);
        if (statusOf(after) !== 200) throw new Skipped("the webhook does not answer a plain message in time either");
        throw new Broken(described(during), { by: during, sent: `a plain message, while ${slow.what}` });
      }
    },
  },
];

/** The answer to a plain message during a slow one. */
async function askDuring(webhook: Webhook, { request, send }: SlowRequest): Promise<Sent> {
  const slow = request(webhook);
  const client = await webhook.openSlowClient(slow.url);
  if (!client) throw new Skipped("the webhook accepts no connection");
  try {
    await send(client, webhook.wireBytes(slow), withinRun(webhook));
    return await askSoon(webhook);
  } finally {
    await client.finish(withinRun(webhook));
  }
}

function withinRun({ deadline }: Webhook): number {
  return Math.min(SOON_MS, Math.ceil(deadline.leftMs));
}

function askSoon(webhook: Webhook): Promise<Sent> {
  return webhook.send(webhook.plainRequest(), { idleMs: SOON_MS, totalMs: SOON_MS });
}
