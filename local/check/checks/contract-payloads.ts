import type { OutgoingRequest } from "../../sender/outgoing-request.ts";
import {
  fallbackPayload,
  type HistoryEntry,
  type MainAppPayload,
  mainAppPayload,
  smokePayload,
  testButtonPayload,
} from "../../sender/payload.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { A_REPLY, replyOf } from "../expect.ts";
import type { Webhook } from "../webhook.ts";

export const TOLERATE =
  "Require only event, app.id, thread.id and message.content; everything else is optional. Ignore unknown fields.";

function entries(count: number): HistoryEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    role: i % 2 ? "user" : "assistant",
    content: `message ${i + 1}`,
    content_json: {},
  }));
}

const ANSWER_THE_MESSAGE = "Answer message.content: it is what the user wrote. history_tail may end with another message.";

/** A check that each of these payloads gets a reply. */
function accepts(check: Omit<Check, "level" | "expects" | "requests" | "run">, ...payloads: (() => unknown)[]): Check {
  return {
    ...check,
    level: "MUST",
    expects: A_REPLY,
    requests: payloads.length,
    async run(webhook) {
      for (const make of payloads) {
        const payload = make();
        const sent = await webhook.send(webhook.payloadRequest(payload));
        const reply = replyOf(sent);
        const { content } = (payload as MainAppPayload).message;
        if (webhook.isEcho && !reply.includes(content))
          throw new Broken(`a reply to another text: ${sent.quote(reply)}`, {
            by: sent,
            level: "SHOULD",
            fix: ANSWER_THE_MESSAGE,
          });
      }
    },
  };
}

const NUMBERS =
  '{"float":1.0,"small":1e-07,"big":12345678901234567890123,"list":[null,true,{"":{"deep":[[]]}}],"__proto__":{"x":1}}';

function withRawContentJson(webhook: Webhook, json: string): OutgoingRequest {
  const payload = mainAppPayload({ contentJson: "@raw@" });
  const text = JSON.stringify(payload).replaceAll('"@raw@"', json);
  return webhook.bodyRequest([text], { appId: payload.app.id, threadId: payload.thread.id });
}

export const contractPayloads: readonly Check[] = [
  accepts(
    {
      id: "C01",
      name: "answers the smoke payload",
      sends: "the smallest message that the main app's own test sends",
      fix: 'Answer a POST with 200, Content-Type application/json and {"reply": "…"}.',
    },
    smokePayload,
  ),
  accepts({ id: "C02", name: "answers a full payload", sends: "a message with ten history entries", fix: TOLERATE }, () =>
    mainAppPayload({ earlier: entries(9) }),
  ),
  {
    id: "C03",
    level: "MUST",
    name: "answers the dashboard's Test button with JSON",
    sends: "the Test button's message (nil thread id), to the stream URL too",
    expects: A_REPLY,
    fix: "Where thread.id is 00000000-0000-0000-0000-000000000000, answer JSON on every route: the Test button reads only JSON.",
    requests: 2,
    async run(webhook) {
      const fix =
        "Where thread.id is 00000000-0000-0000-0000-000000000000, answer JSON on the stream route too: the Test button reads only JSON.";
      for (const url of webhook.stream ? [webhook.url, webhook.stream] : [webhook.url]) {
        replyOf(await webhook.send(webhook.payloadRequest(testButtonPayload(), url)), { fix });
      }
    },
  },
  accepts(
    {
      id: "C04",
      name: "answers the fallback payload",
      sends: "a message with only content, and no history_tail",
      fix: TOLERATE,
    },
    fallbackPayload,
  ),
  accepts(
    { id: "C05", name: "accepts customer_id null", sends: "thread.customer_id null", fix: "Allow null in thread.customer_id." },
    () => mainAppPayload({ customerId: null }),
  ),
  {
    id: "C06",
    level: "MUST",
    name: "accepts any content_json",
    sends: "content_json null, then nested with floats, big integers and odd keys",
    expects: A_REPLY,
    fix: "Accept any JSON in content_json, and verify the raw body: numbers change when JSON is parsed and written again.",
    requests: 2,
    async run(webhook) {
      replyOf(await webhook.send(webhook.payloadRequest(mainAppPayload({ contentJson: null }))));
      replyOf(await webhook.send(withRawContentJson(webhook, NUMBERS)));
    },
  },
  accepts({ id: "C07", name: "ignores unknown fields", sends: "an unknown field at every level", fix: TOLERATE }, () => {
    const { app, thread, message, ...rest } = mainAppPayload();
    const unknown = { from_the_future: { nested: [1] } };
    const history_tail = rest.history_tail.map((entry) => ({ ...entry, ...unknown }));
    return {
      ...rest,
      ...unknown,
      app: { ...app, ...unknown },
      thread: { ...thread, ...unknown },
      message: { ...message, ...unknown },
      history_tail,
    };
  }),
  accepts(
    {
      id: "C08",
      name: "answers an empty message",
      sends: "empty content",
      fix: 'Refuse a missing content, but not an empty one: "" is a message.',
    },
    () => mainAppPayload({ content: "" }),
  ),
  accepts(
    {
      id: "C15",
      name: "accepts any history_tail",
      sends: "a history that ends with an answer, an empty one, no history, and one of 40 entries",
      fix: TOLERATE,
    },
    () => mainAppPayload({ historyTail: entries(3) }),
    () => mainAppPayload({ historyTail: [] }),
    () => ({ ...mainAppPayload(), history_tail: undefined }),
    () => mainAppPayload({ earlier: entries(39) }),
  ),
];
