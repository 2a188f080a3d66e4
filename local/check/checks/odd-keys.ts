import type { OutgoingRequest } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { described, expectAnswered, replyOf, statusOf } from "../expect.ts";
import { shownText } from "../leak-watch.ts";
import { token, type Webhook } from "../webhook.ts";
import { attack, rawRequest } from "./attack.ts";
import { unsigned } from "./refusal.ts";

const MARK = "polluted";
const NO_FUNCTION = { toString: MARK, valueOf: 1, hasOwnProperty: 1 };
/** What a polluted prototype would give to every object without a key of that name. */
const PROTOTYPE = {
  content: MARK,
  text: MARK,
  reply: MARK,
  prefix: MARK,
  event: "message_received",
  id: MARK,
  role: "user",
  secret: "",
  status: 500,
  message: { content: MARK },
  thread: { id: MARK },
  app: { id: MARK },
  ...NO_FUNCTION,
};

/** Keys as JSON text, because in an object literal, `__proto__` is not a key. */
const POLLUTING = inside(
  `{"__proto__":${JSON.stringify(PROTOTYPE)},"constructor":${JSON.stringify({ prototype: PROTOTYPE })},"__class__":"${MARK}","__dict__":{"content":"${MARK}"}}`,
);
const SHADOWING = `${inside(JSON.stringify(NO_FUNCTION))},"__proto__":null,"constructor":null,"__class__":null`;

const base = () => mainAppPayload({ content: "odd keys", contentJson: { a: 1 } });

/** Payloads with odd keys: some that hide the methods of objects, then some that pollute, at the top and below. */
const ODD_PAYLOADS = [
  () => withKeys(SHADOWING, base(), "everywhere"),
  () => withKeys(POLLUTING, base(), "top"),
  () => withKeys(POLLUTING, base(), "below"),
];

/** Messages that a polluted prototype would complete, or let pass. */
const REFUSED: readonly ((webhook: Webhook) => OutgoingRequest)[] = [
  (webhook) => rawRequest(webhook, '{"event":"message_received","app":{"id":"a"},"thread":{"id":"t"},"message":{}}'),
  (webhook) => rawRequest(webhook, '{"app":{"id":"a"},"thread":{"id":"t"},"message":{"content":"hello"}}'),
  (webhook) => rawRequest(webhook, '{"event":"message_received","app":{"id":"a"},"thread":{},"message":{"content":"hello"}}'),
  (webhook) => unsigned(webhook.rawTextRequest("hello")),
];

export const oddKeys: readonly Check[] = [
  {
    id: "H06",
    level: "MUST",
    name: "is not changed by keys such as __proto__",
    risk: "change the answers to others with keys such as __proto__",
    sends:
      "messages to refuse, before and after three with keys such as __proto__, constructor, hasOwnProperty and __class__ in every object; then a plain one",
    expects: "the same answers to the messages to refuse as before, and a normal answer to the plain one",
    fix: "Copy no keys of parsed JSON into other objects, and call no method of the parsed objects.",
    requests: 2 * (REFUSED.length + ODD_PAYLOADS.length) + 1,
    async run(webhook) {
      const before: number[] = [];
      for (const request of REFUSED) before.push(statusOf(await webhook.send(request(webhook))));
      for (const payload of ODD_PAYLOADS) await attack(webhook, rawRequest(webhook, payload()), expectAnswered);

      for (const [index, request] of REFUSED.entries()) {
        const after = await webhook.send(request(webhook));
        if (statusOf(after) !== before[index] || shownText(after).includes(MARK)) {
          throw new Broken(`${before[index]} before, and now ${described(after)}`, { by: after });
        }
      }
      const text = `odd keys ${token()}`;
      const plain = await webhook.send(webhook.rawTextRequest(text));
      const reply = replyOf(plain);
      if (shownText(plain).includes(MARK) || (webhook.isEcho && !reply.includes(text)))
        throw new Broken(`to a plain message: ${described(plain)}`, { by: plain });
    },
  },
];

/** The JSON of `payload` with these keys first in the objects at `place`. */
function withKeys(keys: string, payload: object, place: "top" | "below" | "everywhere"): string {
  // Every object of the payload has a key, so that a comma can follow.
  const [start, rest] = [JSON.stringify(payload).slice(0, 1), JSON.stringify(payload).slice(1)];
  const below = place === "top" ? rest : rest.replace(/\{"/g, `{${keys},"`);
  return place === "below" ? `${start}${below}` : `${start}${keys},${below}`;
}

function inside(json: string): string {
  return json.slice(1, -1);
}
