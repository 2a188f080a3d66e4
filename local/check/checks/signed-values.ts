import type { Body } from "../../sender/body.ts";
import { escaped } from "../../sender/json-forms.ts";
import { type OutgoingRequest, signedAgain, withHeader } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { replyOf, statusOf } from "../expect.ts";
import { token, type Webhook } from "../webhook.ts";
import { DECODE } from "./hostile-bodies.ts";
import { refuses, type Variants } from "./refusal.ts";
import { RAW } from "./signature-headers.ts";
import { type Change, ESCAPES, IN_STRINGS, OTHER_VALUES, OTHER_WRITINGS } from "./signed-changes.ts";

/** White space in other languages, but not in JSON. */
const OTHER_SPACE = [
  ["a form feed", "\f"],
  ["U+0085", "\u0085"],
  ["U+00A0", "\u00a0"],
  ["U+2028", "\u2028"],
] as const;

export const signedValues: readonly Check[] = [
  refuses({
    id: "S23",
    name: "keeps the white space in strings",
    risk: "change the white space in a signed text",
    sends: "texts with more white space than was signed, also after strings that end in a backslash or hold a quote",
    fix: "Remove white space only outside strings. A quote ends a string, unless an odd number of backslashes stands before it.",
    requests: IN_STRINGS.length + 1,
    variants: (_, webhook) => {
      const { json, request } = messageWith(webhook, '"content":"a,b:c"');
      const everywhere = json.replace(/[,:]/g, "$& ");
      return [
        ...changed(webhook, IN_STRINGS),
        ["signed with a space after every comma and colon, also in strings", request([json], everywhere)],
      ];
    },
  }),
  refuses({
    id: "S24",
    name: "knows an escape from a backslash",
    risk: "change a signed text by its backslashes",
    sends: "é, the escape \\u00e9 and the six characters \\\\u00e9, each signed as another",
    fix: "Escape only characters outside 0x20..0x7e, with one backslash, and never unescape: after another backslash, \\u00e9 is no escape.",
    requests: ESCAPES.length,
    variants: (_, webhook) => changed(webhook, ESCAPES),
  }),
  refuses({
    id: "S25",
    name: "refuses another text, number or key than was signed",
    risk: "change a message after it was signed",
    sends:
      "the Kelvin sign signed as K, capitals signed as small letters, other characters signed as ?, as A, as a space or as nothing, a big integer signed with other digits, keys that were added",
    fix: RAW,
    requests: OTHER_VALUES.length + 1,
    variants: (_, webhook) => {
      const { json, request } = messageWith(webhook, '"content":"HELLO"');
      return [...changed(webhook, OTHER_VALUES), ["capitals, signed in small letters", request([json], json.toLowerCase())]];
    },
  }),
  refuses({
    id: "S26",
    level: "SHOULD",
    name: "refuses JSON that was written again",
    risk: "write a signed message in another way",
    sends: "escapes, numbers, the order of keys, a null and two equal keys, each written in another way than was signed",
    fix: RAW,
    requests: OTHER_WRITINGS.length + 2,
    variants: (_, webhook) => {
      const { json, request } = messageWith(webhook, '"content":"hello"');
      const reversed = JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(json)).reverse()));
      return [
        ...changed(webhook, OTHER_WRITINGS),
        ["signed with sorted keys", request([json], sorted(json))],
        ["keys in reverse order, signed in the usual one", request([reversed], json)],
      ];
    },
  }),
  refuses({
    id: "S27",
    level: "SHOULD",
    name: "refuses a body of which only a rewriting is JSON",
    risk: "add to a signed message what is not JSON",
    sends:
      "other white space than JSON's between tokens and at the end, U+0000, a byte order mark, a second line, and a line end in a string, none of them signed",
    fix: "Parse the raw body, not a rewritten one, and answer 400 if it is not JSON. JSON's white space is only space, tab, \\r and \\n, and a byte order mark is none.",
    requests: 10,
    variants: (_, webhook) => {
      const { json, request } = messageWith(webhook, '"content":"a\\u000ab"');
      const bodies: readonly (readonly [what: string, body: string])[] = [
        ["a line end inside a string, signed as \\u000a", json.replace("\\u000a", "\n")],
        ...OTHER_SPACE.map(
          ([name, space]) => [`${name} after the first brace, which was not signed`, `{${space}${json.slice(1)}`] as const,
        ),
        ["a vertical tab after the JSON, which was not signed", `${json}\v`],
        ["U+00A0 after the JSON, which was not signed", `${json}\u00a0`],
        ["U+0000 after the JSON, which was not signed", `${json}\0`],
        ["a second line after the JSON, which was not signed", `${json}\n{}`],
        ["a byte order mark before the JSON, which was not signed", `\ufeff${json}`],
      ];
      return bodies.map(([what, body]) => [what, request([body], json)]);
    },
  }),
  refuses({
    id: "S28",
    level: "SHOULD",
    name: "refuses invalid UTF-8 that was repaired",
    risk: "send other bytes than were signed",
    sends: "the byte 0xFF in a text, signed as U+FFFD, as its escape, and as nothing",
    fix: DECODE,
    requests: 3,
    variants: (_, webhook) => {
      const { json, request } = messageWith(webhook, '"content":"he@llo"');
      const [start = "", end = ""] = json.split("@");
      const body = [start, Uint8Array.of(0xff), end];
      return [
        ["the byte 0xFF, signed as U+FFFD", request(body, json.replace("@", "\ufffd"))],
        ["the byte 0xFF, signed as \\ufffd", request(body, json.replace("@", "\\ufffd"))],
        ["the byte 0xFF, which was not signed", request(body, start + end)],
      ];
    },
  }),
  {
    id: "S29",
    level: "SHOULD",
    name: "reads the raw body, not a form of it",
    sends: "a text with white space, backslashes and quotes, signed over the raw body",
    expects: "the same text in the reply",
    fix: "Use the escaped and the compact form only to verify. Parse the raw body.",
    requests: 1,
    needs: ["echo"],
    async run(webhook) {
      const text = `${token()}  a, b: c \\u00e9 \\\\u00e9 \\ "d, e" \\" é ${token()}`;
      const sent = await webhook.send(webhook.rawTextRequest(text));
      const reply = replyOf(sent);
      if (!reply.includes(text)) throw new Broken(sent.quote(JSON.stringify(reply)), { by: sent });
    },
  },
  {
    id: "S30",
    level: "SHOULD",
    name: "reads UTF-8, whatever the charset",
    risk: "change how a signed text is read",
    sends: "é with Content-Type: application/json; charset=iso-8859-1, which is not signed",
    expects: "the same text in the reply, or a 4xx",
    fix: "Decode the body as UTF-8, whatever charset Content-Type names: that header is not signed.",
    requests: 1,
    needs: ["secret", "echo"],
    async run(webhook) {
      const text = `é ${token()}`;
      const request = withHeader(webhook.rawTextRequest(text), "Content-Type", "application/json; charset=iso-8859-1");
      const sent = await webhook.send(request);
      const status = statusOf(sent);
      if (status >= 400 && status <= 499) return;
      const reply = replyOf(sent);
      if (!reply.includes(text)) throw new Broken(sent.quote(JSON.stringify(reply)), { by: sent });
    },
  },
];

/** A message that is signed in one way and sent in another. */
interface TwoWays {
  readonly json: string;
  request(sent: Body, signed: string): OutgoingRequest;
}

/** The main app's message with these members in it. Outside them it has no white space. */
function messageWith(webhook: Webhook, members: string): TwoWays {
  const payload = mainAppPayload({ content: "", appName: "Acme", historyTail: [] });
  const ids = { appId: payload.app.id, threadId: payload.thread.id };
  return {
    json: JSON.stringify(payload).replace('"content":"","content_json":{}', () => members),
    request: (sent, signed) => signedAgain(webhook.bodyRequest(sent, ids), { over: [signed] }),
  };
}

function changed(webhook: Webhook, changes: readonly Change[]): Variants {
  const { json, request } = messageWith(webhook, "@");
  const message = (members: string) => json.replace("@", () => members);
  return changes.map(([sent, signed]) => [
    `${escaped(sent)}, signed as ${escaped(signed)}`,
    request([message(sent)], message(signed)),
  ]);
}

/** The same JSON with the keys of each object in order. */
function sorted(json: string): string {
  return JSON.stringify(
    JSON.parse(json, (_, value) => (isObject(value) ? Object.fromEntries(Object.entries(value).sort()) : value)),
  );
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
