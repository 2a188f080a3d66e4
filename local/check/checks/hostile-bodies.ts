import { withRepeated } from "../../sender/body.ts";
import { type OutgoingRequest, withHeader } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { described, expectAlive, expectAnswered, expectRefused, isCutOff, replyOf, statusOf } from "../expect.ts";
import type { Sent, Webhook } from "../webhook.ts";
import { attack, NO_CRASH, payloadWith, rawRequest, refusesBodies } from "./attack.ts";

export const MIB = 1_048_576;
export const PARSE = "Catch the error of the JSON parser and answer 400.";
export const DECODE = "After verifying, decode as strict UTF-8, and answer 400 if that fails.";
const VALIDATE = "If the body is not an object, or message.content is not a string, answer 422.";
export const BODY_LIMIT = "Stop reading at 1 MiB and answer 413, whatever Content-Length says.";
/** The wait for an answer to a request with an incomplete body, in milliseconds. */
const BROKEN_OFF_PATIENCE_MS = 1000;

/** A signed request with a body of `size` bytes. */
export function requestOfSize(webhook: Webhook, size: number): OutgoingRequest {
  const payload = JSON.stringify(mainAppPayload({ content: "@long@", historyTail: [] }));
  const times = size - Buffer.byteLength(payload) + "@long@".length;
  return rawRequest(webhook, ...withRepeated(payload, "@long@", "a", times));
}

export const hostileBodies: readonly Check[] = [
  refusesBodies({
    id: "H01",
    name: "refuses a body that is not JSON",
    risk: "break it with a body that is not JSON",
    sends: "broken JSON, plain text, and JSON with text after it",
    fix: PARSE,
    bodies: [['{"event":"message_received",'], ["hello"], [`${payloadWith({})} trailing`]],
  }),
  refusesBodies({
    id: "H02",
    name: "refuses invalid UTF-8",
    risk: "break it with invalid UTF-8",
    sends: "a payload with the byte 0xFF in its text, and one with an encoded surrogate",
    fix: DECODE,
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
    name: "refuses JSON that is not an object",
    risk: "break it with other JSON",
    sends: "null, a number, a string and a list",
    fix: VALIDATE,
    bodies: [["null"], ["42"], ['"text"'], ["[]"]],
  }),
  refusesBodies({
    id: "H04",
    name: "refuses a message without text",
    risk: "break it with a message without text",
    sends: "no message; content that is a number, an object or null",
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
    risk: "end it with one deeply nested message",
    sends: "content_json of 100,000 lists inside each other",
    expects: NO_CRASH,
    fix: "Catch the parser's recursion or stack error like any other parse error.",
    requests: 2,
    async run(webhook) {
      const payload = payloadWith({ message: { content: "hello", content_json: "@deep@" } });
      const [start = "", end = ""] = payload.split('"@deep@"');
      const deep = [start, { repeat: "[", times: 100_000 }, { repeat: "]", times: 100_000 }, end];
      await attack(webhook, rawRequest(webhook, ...deep), expectAnswered);
    },
  },
  {
    id: "H07",
    level: "MUST",
    name: "survives duplicate keys",
    risk: "break it with duplicate keys",
    sends: "a payload in which content and event occur twice",
    expects: NO_CRASH,
    fix: "Use the last of two equal keys, as JSON.parse does, or answer 400.",
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
    sends: "a payload of 1,048,560 bytes",
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
    risk: "fill its memory with one request",
    sends: "payloads of 2 MiB and of 8 MiB",
    expects: "413 (any 4xx refuses it) or a closed connection, and then a normal answer to the next message",
    fix: BODY_LIMIT,
    requests: 4,
    async run(webhook) {
      const tooLarge = (sent: Sent) => {
        if (isCutOff(sent) || statusOf(sent) === 413) return;
        expectRefused(sent);
        throw new Broken(described(sent), { by: sent, level: "SHOULD" });
      };
      for (const size of [2 * MIB, 8 * MIB]) await attack(webhook, requestOfSize(webhook, size), tooLarge);
    },
  },
  {
    id: "H10",
    level: "SHOULD",
    name: "reads a chunked body",
    sends: "a signed payload in HTTP chunks of 7 bytes, without Content-Length",
    expects: "200 and a reply, or 411; and then a normal answer to the next message",
    fix: "A body may come in HTTP chunks, without Content-Length: read the chunks, or answer 411.",
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
    risk: "end it with a body that breaks off",
    sends: "a body 1000 bytes shorter than Content-Length, then the end of the connection",
    expects: "a normal answer to the next message",
    fix: "If the connection ends inside a body, end only that request.",
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
