import { withRepeated } from "../../sender/body.ts";
import { type OutgoingRequest, withHeader } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { bodyText, described, expectAlive, expectAnswered, replyOf, statusOf } from "../expect.ts";
import type { Sent, Webhook } from "../webhook.ts";
import { attack, NO_CRASH, payloadWith, rawRequest, refusesBodies } from "./attack.ts";

const MIB = 1_048_576;
const PARSE = "Catch the error of the JSON parser and answer 400.";
const VALIDATE =
  "Check that the body is an object and that message.content is a string before using them, and answer 422 if not.";
/** How long a server gets to answer a request whose body never comes, in milliseconds. */
const BROKEN_OFF_PATIENCE_MS = 1000;

function requestOfSize(webhook: Webhook, size: number): OutgoingRequest {
  const payload = JSON.stringify(mainAppPayload({ content: "@long@", historyTail: [] }));
  const times = size - Buffer.byteLength(payload) + "@long@".length;
  return rawRequest(webhook, ...withRepeated(payload, "@long@", "a", times));
}

const POLLUTING = [
  '"__proto__":{"content":"polluted","reply":"polluted","status":500,"toString":"polluted"}',
  '"constructor":{"prototype":{"content":"polluted"}}',
  '"toString":"polluted","hasOwnProperty":1',
].join(",");

export const hostileBodies: readonly Check[] = [
  refusesBodies({
    id: "H01",
    name: "refuses what is not JSON",
    sends: "broken JSON, plain words, and JSON with something after it",
    fix: PARSE,
    bodies: [['{"event":"message_received",'], ["hello"], [`${payloadWith({})} trailing`]],
  }),
  refusesBodies({
    id: "H02",
    name: "refuses invalid UTF-8",
    sends: "a payload with the byte 0xFF in its text, and one with an encoded surrogate",
    fix: "Decode the body with a strict UTF-8 decoder (fatal, errors=strict) after verifying it, and answer 400 if that fails.",
    bodies: [
      ['{"event":"message_received","app":{"id":"a"},"thread":{"id":"t"},"message":{"content":"', Uint8Array.of(0xff), '"}}'],
      [
        '{"event":"message_received","app":{"id":"a"},"thread":{"id":"t"},"message":{"content":"',
        Uint8Array.of(0xed, 0xa0, 0x80),
        '"}}',
      ],
    ],
  }),
  refusesBodies({
    id: "H03",
    name: "refuses JSON that is no object",
    sends: "null, a number, a string and a list",
    fix: VALIDATE,
    bodies: [["null"], ["42"], ['"text"'], ["[]"]],
  }),
  refusesBodies({
    id: "H04",
    name: "refuses a message without text",
    sends: "no message at all; content a number, an object, null",
    fix: VALIDATE,
    bodies: [
      [payloadWith({ message: undefined })],
      [payloadWith({ message: { content: 42 } })],
      [payloadWith({ message: { content: { text: "hello" } } })],
      [payloadWith({ message: { content: null } })],
    ],
  }),
  {
    id: "H05",
    level: "MUST",
    name: "survives nesting 100,000 deep",
    sends: "content_json of 100,000 lists inside each other",
    expects: NO_CRASH,
    fix: "Catch the parser's recursion or stack error like any other parse error, and walk no value recursively without a limit.",
    requests: 2,
    async run(webhook) {
      const payload = payloadWith({ message: { content: "hello", content_json: "@deep@" } });
      const [start = "", end = ""] = payload.split('"@deep@"');
      const deep = [start, { repeat: "[", times: 100_000 }, { repeat: "]", times: 100_000 }, end];
      await attack(webhook, rawRequest(webhook, ...deep), expectAnswered);
    },
  },
  {
    id: "H06",
    level: "MUST",
    name: "is not changed by __proto__ and its like",
    sends: "keys named __proto__, constructor and toString, then a message without text and a plain one",
    expects: "the same answers to both as before",
    fix: "Do not merge parsed JSON into other objects key by key; keep it in an object of its own.",
    requests: 6,
    async run(webhook) {
      const empty = () =>
        webhook.send(rawRequest(webhook, '{"event":"message_received","app":{"id":"a"},"thread":{"id":"t"},"message":{}}'));
      const before = statusOf(await empty());
      const json = payloadWith({});
      const inside = json.replace('"content_json":{}', `"content_json":{${POLLUTING}}`);
      await attack(webhook, rawRequest(webhook, `{${POLLUTING},${json.slice(1)}`), expectAnswered);
      const sent = await attack(webhook, rawRequest(webhook, inside), expectAnswered);
      const after = await empty();
      if (statusOf(after) !== before || bodyText(after).includes("polluted")) {
        throw new Broken(`a message without text got ${before} before and now: ${described(after)}`, { by: sent });
      }
    },
  },
  {
    id: "H07",
    level: "MUST",
    name: "survives duplicate keys",
    sends: "a payload with content and event twice",
    expects: NO_CRASH,
    fix: "Let the last of two equal keys count, as JSON.parse does, or answer 400.",
    requests: 2,
    async run(webhook) {
      const twice = `{"event":"other",${payloadWith({}).slice(1).replace('"content":', '"content":"first","content":')}`;
      await attack(webhook, rawRequest(webhook, twice), expectAnswered);
    },
  },
  {
    id: "H08",
    level: "MUST",
    name: "answers a body just under 1 MiB",
    sends: "a payload of 1,048,576 bytes less 16",
    expects: "200 and a reply",
    fix: "Raise the body limit to 1 MiB: the default of many frameworks is 100 kB.",
    requests: 2,
    async run(webhook) {
      await attack(webhook, requestOfSize(webhook, MIB - 16), replyOf);
    },
  },
  {
    id: "H09",
    level: "MUST",
    name: "refuses a body over the limit",
    sends: "payloads of 2 MiB and of 8 MiB",
    expects: "413, or the connection closed; and the next message answered as ever",
    fix: "Stop reading at 1 MiB and answer 413; believe Content-Length only to refuse early.",
    requests: 4,
    async run(webhook) {
      const tooLarge = (sent: Sent) => {
        const cutOff = sent.failure?.kind === "closed" || sent.failure?.kind === "reset";
        if (!cutOff && statusOf(sent) !== 413) throw new Broken(described(sent), { by: sent });
      };
      for (const size of [2 * MIB, 8 * MIB]) await attack(webhook, requestOfSize(webhook, size), tooLarge);
    },
  },
  {
    id: "H10",
    level: "SHOULD",
    name: "reads a chunked body",
    sends: "a signed payload in HTTP chunks of 7 bytes, without Content-Length",
    expects: "200 and a reply, or 411; and the next message answered as ever",
    fix: "Read the body as a stream to its end, not Content-Length bytes of it; or answer 411.",
    requests: 2,
    async run(webhook) {
      const whole = webhook.rawTextRequest("chunked café 😀");
      const chunked = withHeader(withHeader(whole, "Content-Length", undefined), "Transfer-Encoding", "chunked");
      await attack(
        webhook,
        { ...chunked, chunkBytes: 7, note: "Sent in HTTP chunks of 7 bytes; curl makes larger ones." },
        (sent) => {
          if (statusOf(sent) !== 411) replyOf(sent);
        },
      );
    },
  },
  {
    id: "H11",
    level: "MUST",
    name: "survives a body that breaks off",
    sends: "Content-Length 1000 more than the body, then the end of the connection",
    expects: "anything, and the next message answered as ever",
    fix: "Treat the end of the connection inside a body as the end of that request only.",
    requests: 2,
    async run(webhook) {
      const request = webhook.textRequest("broken off");
      const length = Number(Buffer.byteLength(request.body.join(""))) + 1000;
      const short = { ...withHeader(request, "Content-Length", String(length)), note: "curl waits here; stop it with Ctrl-C." };
      const sent = await webhook.send(short, { endAfterWrite: true, idleMs: BROKEN_OFF_PATIENCE_MS });
      await expectAlive(webhook, sent);
    },
  },
];
