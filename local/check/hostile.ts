import { answerHeader } from "../http/exchange.ts";
import type { Body } from "../sender/body.ts";
import { withRepeated } from "../sender/body.ts";
import { type Message, withExtraHeader, withHeader } from "../sender/message.ts";
import { mainAppPayload } from "../sender/payload.ts";
import { FILLER_HEADER } from "../sender/snippet.ts";
import { Broken, Skipped } from "./broken.ts";
import type { Check } from "./check.ts";
import { alive, answered, bodyText, described, refused, replyOf, statusOf } from "./expect.ts";
import { overRaw, type Sent, type Webhook } from "./webhook.ts";

const FOUR_HUNDRED = "a 4xx, and the next message answered as ever";
const NO_CRASH = "an answer below 500, and the next message answered as ever";
const MIB = 1_048_576;
const PARSE = "Catch the error of the JSON parser and answer 400.";
const VALIDATE =
  "Check that the body is an object and that message.content is a string before using them, and answer 422 if not.";
/** How long a server gets to answer a request whose body never comes, in milliseconds. */
const BROKEN_OFF_PATIENCE_MS = 1000;

type Judge = (sent: Sent) => void;

/** Sends something hostile, remembers the answer, judges it, and asks whether the webhook is still there. */
async function attack(webhook: Webhook, message: Message, judge: Judge, idleMs?: number): Promise<Sent> {
  const sent = await webhook.send(message, idleMs ? { idleMs } : {});
  webhook.hostile.push(sent);
  try {
    judge(sent);
  } finally {
    // Dead weighs more than a wrong status.
    await alive(webhook, sent);
  }
  return sent;
}

/** A signed message around any bytes. What is signed are these bytes, as they are. */
function bytes(webhook: Webhook, ...body: Body): Message {
  return overRaw(webhook.bodyMessage(body));
}

interface HostileBodies extends Pick<Check, "id" | "name" | "sends" | "fix"> {
  readonly bodies: readonly Body[];
}

/** A check that each of some bodies is refused with a 4xx. */
function refusesBodies({ bodies, ...check }: HostileBodies): Check {
  return {
    ...check,
    level: "MUST",
    expects: FOUR_HUNDRED,
    requests: 2 * bodies.length,
    async run(webhook) {
      for (const body of bodies) await attack(webhook, bytes(webhook, ...body), refused);
    },
  };
}

function sized(webhook: Webhook, size: number): Message {
  const payload = JSON.stringify(mainAppPayload({ content: "@long@", historyTail: [] }));
  const times = size - Buffer.byteLength(payload) + "@long@".length;
  return bytes(webhook, ...withRepeated(payload, "@long@", "a", times));
}

/** JSON text of a payload with `changes` on top of it. */
function changed(changes: object): string {
  return JSON.stringify({ ...mainAppPayload(), ...changes });
}

const POLLUTING = [
  '"__proto__":{"content":"polluted","reply":"polluted","status":500,"toString":"polluted"}',
  '"constructor":{"prototype":{"content":"polluted"}}',
  '"toString":"polluted","hasOwnProperty":1',
].join(",");

export const hostile: readonly Check[] = [
  refusesBodies({
    id: "H01",
    name: "refuses what is not JSON",
    sends: "broken JSON, plain words, and JSON with something after it",
    fix: PARSE,
    bodies: [['{"event":"message_received",'], ["hello"], [`${changed({})} trailing`]],
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
      [changed({ message: undefined })],
      [changed({ message: { content: 42 } })],
      [changed({ message: { content: { text: "hello" } } })],
      [changed({ message: { content: null } })],
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
      const payload = changed({ message: { content: "hello", content_json: "@deep@" } });
      const [start = "", end = ""] = payload.split('"@deep@"');
      const deep = [start, { repeat: "[", times: 100_000 }, { repeat: "]", times: 100_000 }, end];
      await attack(webhook, bytes(webhook, ...deep), answered);
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
        webhook.send(bytes(webhook, '{"event":"message_received","app":{"id":"a"},"thread":{"id":"t"},"message":{}}'));
      const before = statusOf(await empty());
      const json = changed({});
      const inside = json.replace('"content_json":{}', `"content_json":{${POLLUTING}}`);
      for (const body of [`{${POLLUTING},${json.slice(1)}`, inside]) {
        const sent = await attack(webhook, bytes(webhook, body), answered);
        if (sent !== undefined && body === inside) {
          const after = await empty();
          if (statusOf(after) !== before || bodyText(after).includes("polluted")) {
            throw new Broken(`a message without text got ${before} before and now: ${described(after)}`, { by: sent });
          }
        }
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
      const twice = `{"event":"other",${changed({}).slice(1).replace('"content":', '"content":"first","content":')}`;
      await attack(webhook, bytes(webhook, twice), answered);
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
      await attack(webhook, sized(webhook, MIB - 16), replyOf);
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
      for (const size of [2 * MIB, 8 * MIB]) await attack(webhook, sized(webhook, size), tooLarge);
    },
  },
  {
    id: "H10",
    level: "MUST",
    name: "reads a chunked body",
    sends: "a signed payload in HTTP chunks of 7 bytes, without Content-Length",
    expects: "200 and a reply, or 411; and the next message answered as ever",
    fix: "Read the body as a stream to its end, not Content-Length bytes of it; or answer 411.",
    requests: 2,
    async run(webhook) {
      const whole = webhook.saysRaw("chunked café 😀");
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
      const message = webhook.says("broken off");
      const length = Number(Buffer.byteLength(message.body.join(""))) + 1000;
      const short = { ...withHeader(message, "Content-Length", String(length)), note: "curl waits here; stop it with Ctrl-C." };
      const sent = await webhook.send(short, { endAfterWrite: true, idleMs: BROKEN_OFF_PATIENCE_MS });
      await alive(webhook, sent);
    },
  },
  {
    id: "H12",
    level: "SHOULD",
    name: "says something to a person at GET",
    sends: "GET, as a browser",
    expects: "200 with something to read, or 405 with Allow",
    fix: "Answer GET with a line that says that the webhook is up, or with 405 and Allow: POST.",
    requests: 2,
    async run(webhook) {
      const message = withHeader(bodiless(webhook, "GET"), "Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
      await attack(webhook, message, (sent) => {
        const readable = statusOf(sent) === 200 && bodyText(sent).trim() !== "";
        const told = statusOf(sent) === 405 && answerHeader(sent, "allow") !== "";
        if (!readable && !told) throw new Broken(described(sent), { by: sent });
      });
    },
  },
  {
    id: "H13",
    level: "MUST",
    name: "refuses other methods",
    sends: "PUT, DELETE and PATCH",
    expects: "405 or 404, and the next message answered as ever",
    fix: "Answer 405 with Allow: POST to every method that is not yours.",
    requests: 6,
    async run(webhook) {
      for (const method of ["PUT", "DELETE", "PATCH"]) {
        const message = method === "DELETE" ? bodiless(webhook, method) : { ...webhook.says("hello"), method };
        await attack(webhook, message, (sent) => {
          if (![404, 405].includes(statusOf(sent))) throw new Broken(described(sent), { by: sent });
        });
      }
    },
  },
  {
    id: "H14",
    level: "SHOULD",
    name: "refuses another content type",
    sends: "a payload as text/plain",
    expects: "415",
    fix: "Answer 415 where Content-Type is not application/json, so that a form on a web page cannot post to you.",
    requests: 2,
    async run(webhook) {
      await attack(webhook, withHeader(webhook.says("hello"), "Content-Type", "text/plain"), (sent) => {
        if (statusOf(sent) !== 415) throw new Broken(described(sent), { by: sent });
      });
    },
  },
  refusesBodies({
    id: "H15",
    name: "refuses a request without a body",
    sends: "Content-Length: 0, signed",
    fix: "Treat an empty body like any other that is not JSON: 400.",
    bodies: [[]],
  }),
  {
    id: "H16",
    level: "MUST",
    name: "answers none of these with a 5xx",
    sends: "nothing more: the answers to H01 to H15 are looked at, but for H11, to which nobody listens",
    expects: "no status of 500 or above",
    fix: "What a sender did wrong is a 4xx; keep 500 for what went wrong on your side.",
    requests: 0,
    async run(webhook) {
      if (webhook.hostile.length === 0) throw new Skipped("it looks at the answers to H01 to H15, and none of them ran");
      const bad = webhook.hostile.find((sent) => statusOf(sent) >= 500);
      if (bad) throw new Broken(described(bad), { by: bad });
    },
  },
  {
    id: "H17",
    level: "MUST",
    name: "survives long and many headers",
    sends: "a header line of 10 kB, then 200 headers",
    expects: NO_CRASH,
    fix: "Leave header limits to the HTTP server: 431 is a fine answer, a crash is not.",
    requests: 4,
    async run(webhook) {
      await attack(webhook, withExtraHeader(webhook.says("hello"), "X-Long", "a".repeat(10_240)), answered);
      let many = webhook.says("hello");
      for (let i = 1; i <= 200; i++) many = withExtraHeader(many, `${FILLER_HEADER}${i}`, "x");
      await attack(webhook, many, answered);
    },
  },
  {
    id: "H18",
    level: "MUST",
    name: "treats a byte order mark the same every time",
    sends: "three times a payload after a byte order mark",
    expects: "200 or a 4xx, three times the same",
    fix: "Decide once: answer 400 to a byte order mark, or skip it after the signature was verified.",
    requests: 6,
    async run(webhook) {
      const statuses = new Set<number>();
      for (let i = 0; i < 3; i++) {
        const sent = await attack(webhook, bytes(webhook, Uint8Array.of(0xef, 0xbb, 0xbf), changed({})), answered);
        statuses.add(statusOf(sent));
        if (statuses.size > 1) throw new Broken(`different answers: ${[...statuses].join(", then ")}`, { by: sent });
      }
    },
  },
  {
    id: "H19",
    level: "MUST",
    name: "survives an unknown event",
    sends: "event: thread_archived",
    expects: "200 or a 4xx, and the next message answered as ever",
    fix: "Answer 422 (or 200) to an event that you do not know.",
    requests: 2,
    async run(webhook) {
      await attack(webhook, bytes(webhook, changed({ event: "thread_archived" })), answered);
    },
  },
];

/** A request of another method, without a body. */
function bodiless(webhook: Webhook, method: string): Message {
  const { signing: _, ...message } = webhook.bodyMessage([]);
  const names = ["Content-Type", "Content-Length", "X-Timestamp", "X-Signature"];
  return { ...message, method, headers: message.headers.filter(([name]) => !names.includes(name)) };
}
