import { mainAppPayload } from "../../sender/payload.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { described, expectAnswered, expectRefused, replyOf, statusOf } from "../expect.ts";
import { shownText } from "../leaks.ts";
import { signedOverRaw, token, type Webhook } from "../webhook.ts";
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

/** Payloads with odd keys: at the top, in every object below it, and some that hide the methods of objects. */
const ODD_PAYLOADS = [
  () => withKeys(POLLUTING, base(), "top"),
  () => withKeys(POLLUTING, base(), "below"),
  () => withKeys(SHADOWING, base(), "everywhere"),
];

const INCOMPLETE = [
  '{"event":"message_received","app":{"id":"a"},"thread":{"id":"t"},"message":{}}',
  '{"app":{"id":"a"},"thread":{"id":"t"},"message":{"content":"hello"}}',
  '{"event":"message_received","app":{"id":"a"},"thread":{},"message":{"content":"hello"}}',
];

export const oddKeys: readonly Check[] = [
  {
    id: "H06",
    level: "MUST",
    name: "is not changed by keys such as __proto__",
    risk: "change the answers to others with keys such as __proto__",
    sends:
      "incomplete messages before and after three with keys such as __proto__, constructor, hasOwnProperty and __class__, in every object; then a plain one",
    expects: "the same answers to the incomplete messages as before, and a normal answer to the plain one",
    fix: "Do not copy the keys of parsed JSON into other objects, set no attributes from them, and call no method of the parsed objects.",
    requests: 2 * (INCOMPLETE.length + ODD_PAYLOADS.length) + 2,
    async run(webhook) {
      const incomplete = (json: string) => webhook.send(rawRequest(webhook, json));
      const before: number[] = [];
      for (const json of INCOMPLETE) before.push(statusOf(await incomplete(json)));
      for (const payload of ODD_PAYLOADS) await attack(webhook, rawRequest(webhook, payload()), expectAnswered);

      for (const [index, json] of INCOMPLETE.entries()) {
        const after = await incomplete(json);
        if (statusOf(after) !== before[index] || shownText(after).includes(MARK)) {
          throw new Broken(`an incomplete message got ${before[index]} before, and now ${described(after)}`, { by: after });
        }
      }
      await expectOrdinary(webhook);
    },
  },
];

/** Throws {@link Broken} unless a plain message gets its own reply, and one without a signature is refused. */
async function expectOrdinary(webhook: Webhook): Promise<void> {
  const text = `odd keys ${token()}`;
  const plain = await webhook.send(webhook.rawTextRequest(text));
  const reply = replyOf(plain);
  if (shownText(plain).includes(MARK) || (webhook.isEcho && !reply.includes(text))) {
    throw new Broken(`a plain message got ${described(plain)}`, { by: plain });
  }
  if (webhook.signed) expectRefused(await webhook.send(unsigned(signedOverRaw(webhook.textRequest("hello")))));
}

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
