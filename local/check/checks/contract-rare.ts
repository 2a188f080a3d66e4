import { type Header, withHeader } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { A_REPLY, replyOf } from "../expect.ts";
import { token } from "../webhook.ts";
import { TOLERATE } from "./contract-payloads.ts";
import { SHARE_NOTHING } from "./load.ts";

const LONGEST_CUSTOMER_ID = 128;
const OVER_32_BITS = 3_000_000_000;

const PUNCTUATION = `O'Brien "x"; -- %s %d \${y} $& \\`;
const LONG_ENTRY = { role: "user", content: "a".repeat(5600), content_json: {} };

/** Values that the main app was seen to send, but seldom. */
const RARE: readonly (readonly [what: string, payload: () => unknown])[] = [
  ["content of digits", () => mainAppPayload({ content: "42" })],
  [
    "quotes, braces and percent signs in every field",
    () => mainAppPayload({ content: `${PUNCTUATION} {x} {0} {{y}}`, appName: PUNCTUATION, customerId: PUNCTUATION }),
  ],
  ...["constructor", "__proto__", "toString"].map(
    (word) => [`customer_id ${word}`, () => mainAppPayload({ customerId: word })] as const,
  ),
  ["a history of 50 kB", () => mainAppPayload({ earlier: Array.from({ length: 9 }, () => LONG_ENTRY) })],
  ["content of only white space", () => mainAppPayload({ content: "  \n " })],
  ["an empty customer_id", () => mainAppPayload({ customerId: "" })],
  [
    "a customer_id of 128 characters, a history entry without text, and a timestamp without a fraction",
    () => ({
      ...mainAppPayload({
        customerId: "c".repeat(LONGEST_CUSTOMER_ID),
        earlier: [{ role: "assistant", content: "", content_json: {} }],
      }),
      timestamp: new Date().toISOString().replace(/\.\d+Z$/, "+00:00"),
    }),
  ],
];

export const contractRare: readonly Check[] = [
  {
    id: "C19",
    level: "MUST",
    name: "keeps threads apart",
    risk: "read what other people wrote",
    sends: "a message with a history; then a message of another customer in another thread, without a history",
    expects: "a second reply without the texts of the first thread",
    fix: SHARE_NOTHING,
    requests: 2,
    async run(webhook) {
      const [text, earlier] = [`first ${token()}`, `earlier ${token()}`];
      const first = mainAppPayload({
        content: text,
        customerId: `customer-${token()}`,
        earlier: [{ role: "user", content: earlier }],
      });
      replyOf(await webhook.send(webhook.payloadRequest(first)));
      const second = mainAppPayload({ content: `second ${token()}`, customerId: `customer-${token()}`, historyTail: [] });
      const sent = await webhook.send(webhook.payloadRequest(second));
      const reply = replyOf(sent);
      if (reply.includes(text) || reply.includes(earlier)) {
        throw new Broken(`a text of another thread: ${sent.quote(JSON.stringify(reply))}`, { by: sent });
      }
    },
  },
  {
    id: "C20",
    level: "MUST",
    name: "answers rare values",
    sends: RARE.map(([what]) => what).join("; "),
    expects: A_REPLY,
    fix: "Accept every string as content and customer_id, and never as a part of code: SQL, a format, a key of an object.",
    requests: RARE.length,
    async run(webhook) {
      for (const [what, payload] of RARE) replyOf(await webhook.send(webhook.payloadRequest(payload())), { sent: what });
    },
  },
  {
    id: "C21",
    level: "SHOULD",
    name: "requires no more than the contract does",
    sends: "a message with only event, app.id, thread.id and content; then one whose seq needs more than 32 bits",
    expects: A_REPLY,
    fix: TOLERATE,
    requests: 2,
    async run(webhook) {
      const { event, app, thread, message, ...rest } = mainAppPayload();
      const least = { event, app: { id: app.id }, thread: { id: thread.id }, message: { content: message.content } };
      const large = { event, app, thread, message: { ...message, seq: OVER_32_BITS }, ...rest };
      for (const payload of [least, large]) replyOf(await webhook.send(webhook.payloadRequest(payload)));
    },
  },
  {
    id: "C22",
    level: "SHOULD",
    name: "accepts what proxies and other clients change",
    sends: "a message with its headers in reverse order, one with a query in its URL, and one with Expect: 100-continue",
    expects: A_REPLY,
    fix: "Look up each header by its name, route by the path without the query, and let the HTTP server answer Expect.",
    requests: 3,
    async run(webhook) {
      // Each has its own text: a webhook may refuse what it has seen.
      const request = webhook.textRequest("one");
      const url = new URL(request.url);
      url.searchParams.set("from", "proxy");
      const variants = [
        ["headers in reverse order", { ...request, headers: request.headers.toReversed() as Header[] }],
        ["a query in the URL", { ...webhook.textRequest("two"), url }],
        ["Expect: 100-continue", withHeader(webhook.textRequest("three"), "Expect", "100-continue")],
      ] as const;
      for (const [what, variant] of variants) replyOf(await webhook.send(variant), { sent: what });
    },
  },
];
