import { setTimeout as sleep } from "node:timers/promises";
import {
  BASE64,
  type Message,
  NOW,
  resigned,
  SIGNATURE,
  SIGNATURE_CUT,
  TIME,
  UPPER,
  variablesOf,
  withExtraHeader,
  withHeader,
} from "../sender/message.ts";
import { Broken, Skipped } from "./broken.ts";
import type { Check } from "./check.ts";
import { bodyText, described, refused, replyOf, statusOf } from "./expect.ts";
import type { Sent, Webhook } from "./webhook.ts";

const REFUSED = "401 (any 4xx refuses it)";
const FAIL_CLOSED = "Once a secret is set, refuse every message that does not have both X-Signature and X-Timestamp.";
const TOLERANCE = "Refuse a timestamp that is more than 300 s from the clock, in either direction.";
const WRONG_KEY = "not the secret of this webhook";
const DETAIL_BYTES = 200;

/** Messages that must be refused, each with what is wrong with it. */
type Variants = (message: Message) => readonly (readonly [what: string, message: Message])[];

interface Refusal extends Pick<Check, "id" | "name" | "sends" | "fix" | "requests"> {
  readonly variants: Variants;
}

function refuses({ variants, ...check }: Refusal): Check {
  return {
    ...check,
    level: "MUST",
    expects: REFUSED,
    needs: ["secret"],
    async run(webhook) {
      for (const [what, message] of variants(webhook.says("hello"))) refused(await webhook.send(message), { sent: what });
    },
  };
}

const withSignature = (message: Message, value: string) => withHeader(message, "X-Signature", value);
const timed = (message: Message, time: string) => resigned(message, { time });
const FULL = `sha256=${SIGNATURE}`;
const OTHER = `sha256=${"0".repeat(64)}`;

export const signature: readonly Check[] = [
  refuses({
    id: "S01",
    name: "refuses a message without signature headers",
    sends: "neither X-Signature nor X-Timestamp",
    fix: `${FAIL_CLOSED} (Is the secret set on the webhook at all?)`,
    requests: 1,
    variants: (m) => [["no signature headers", unsigned(m)]],
  }),
  refuses({
    id: "S02",
    name: "refuses a message without X-Signature",
    sends: "X-Timestamp alone",
    fix: FAIL_CLOSED,
    requests: 1,
    variants: (m) => [["X-Timestamp alone", withHeader(m, "X-Signature", undefined)]],
  }),
  refuses({
    id: "S03",
    name: "refuses a message without X-Timestamp",
    sends: "X-Signature alone",
    fix: FAIL_CLOSED,
    requests: 1,
    variants: (m) => [["X-Signature alone", withHeader(m, "X-Timestamp", undefined)]],
  }),
  refuses({
    id: "S04",
    name: "refuses another secret",
    sends: "a message signed with another secret",
    fix: "Compute the HMAC with the webhook's secret and compare all of it, in constant time.",
    requests: 1,
    variants: (m) => [["signed with another secret", resigned(m, { key: WRONG_KEY })]],
  }),
  refuses({
    id: "S05",
    name: "refuses a changed body",
    sends: "a message in which one letter was changed after signing, and one with a space added inside the text",
    fix: "Sign exactly the bytes that came: no trimming, and nothing parsed and written again.",
    requests: 3,
    variants: (m) => {
      const [json] = m.body as [string];
      return [
        ["one letter of the body changed", { ...m, body: [json.replace('"hello"', '"hellp"')] }],
        ["a space added inside the text", { ...m, body: [json.replace('"hello"', '"hello "')] }],
        ["a key added to the body", { ...m, body: [`{"added":true,${json.slice(1)}`] }],
      ];
    },
  }),
  refuses({
    id: "S06",
    name: "refuses a changed timestamp",
    sends: "a message whose X-Timestamp is not the one that was signed",
    fix: "Sign X-Timestamp, a dot and the body; a signature over the body alone can be replayed for ever.",
    requests: 1,
    variants: (m) => {
      const signed = resigned(m, { offset: -10 });
      const later = String(Math.floor(Date.now() / 1000));
      return [["X-Timestamp changed after signing", withHeader(signed, "X-Timestamp", later)]];
    },
  }),
  refuses({
    id: "S07",
    name: "refuses a message 301 s old",
    sends: "a well signed message with a timestamp 301 s ago",
    fix: TOLERANCE,
    requests: 1,
    variants: (m) => [["timestamp 301 s ago", resigned(m, { offset: -301 })]],
  }),
  {
    id: "S08",
    level: "MUST",
    name: "refuses a message 301 s ahead",
    sends: "a well signed message with a timestamp 301 s in the future",
    expects: REFUSED,
    fix: TOLERANCE,
    requests: 2,
    needs: ["secret"],
    async run(webhook) {
      const ahead = () => webhook.send(resigned(webhook.says("hello"), { offset: 301 }));
      if (statusOf(await ahead()) !== 200) return;
      // A second may have begun on the way; at the start of one it cannot.
      await sleep(1000 - (Date.now() % 1000));
      refused(await ahead());
    },
  },
  {
    id: "S09",
    level: "MUST",
    name: "accepts clocks that are 290 s apart",
    sends: "well signed messages with timestamps 290 s ago and 290 s ahead",
    expects: '200 and a JSON object with "reply"',
    fix: "Allow 300 s in both directions, in whole seconds; check that the webhook's own clock is right.",
    requests: 2,
    needs: ["secret"],
    async run(webhook) {
      for (const offset of [-290, 290]) replyOf(await webhook.send(resigned(webhook.says("hello"), { offset })));
    },
  },
  refuses({
    id: "S10",
    name: "refuses malformed signatures",
    sends: "X-Signature empty, without sha256=, as sha1=, with 63, 65 and 128 digits, not hex, in base64, with text around it",
    fix: "Take X-Signature only if all of it is sha256= and 64 hex digits; anything else is a 401, not an exception.",
    requests: 10,
    variants: (m) => [
      ["X-Signature empty", withSignature(m, "")],
      ["X-Signature without sha256=", withSignature(m, SIGNATURE)],
      ["X-Signature with sha1=", withSignature(m, `sha1=${SIGNATURE}`)],
      ["X-Signature with 63 digits", withSignature(m, `sha256=${SIGNATURE_CUT}`)],
      ["X-Signature with 65 digits", withSignature(m, `${FULL}0`)],
      ["X-Signature with 128 digits", withSignature(m, `${FULL}${SIGNATURE}`)],
      ["X-Signature with a g for a digit", withSignature(m, `sha256=${SIGNATURE_CUT}g`)],
      ["X-Signature in base64", withSignature(m, `sha256=${BASE64}`)],
      ["X-Signature with text before it", withSignature(m, `v1 ${FULL}`)],
      ["X-Signature with text after it", withSignature(m, `${FULL};v=1`)],
    ],
  }),
  refuses({
    id: "S11",
    name: "refuses malformed timestamps",
    sends:
      "well signed timestamps that are empty or written as 1e9, hex, fraction, with a sign, with a space, in ms, with 400 digits, in other digits",
    fix: "Take X-Timestamp only if it matches ^[0-9]{1,12}$ (ASCII digits), before it is made a number: a comparison with NaN refuses nothing.",
    requests: 10,
    variants: (m) => [
      ["X-Timestamp empty", timed(m, "")],
      ["X-Timestamp with an exponent", timed(m, `${NOW}e0`)],
      ["X-Timestamp in hex", timed(m, `0x${Math.floor(Date.now() / 1000).toString(16)}`)],
      ["X-Timestamp with a fraction", timed(m, `${NOW}.5`)],
      ["X-Timestamp with a plus", timed(m, `+${NOW}`)],
      ["X-Timestamp with a minus", timed(m, `-${NOW}`)],
      ["X-Timestamp with a space inside", timed(m, `${NOW} 0`)],
      ["X-Timestamp in milliseconds", timed(m, `${NOW}000`)],
      ["X-Timestamp with 400 digits", timed(m, `${"0".repeat(390)}${NOW}`)],
      ["X-Timestamp in Arabic-Indic digits", timed(m, arabicIndic(Math.floor(Date.now() / 1000)))],
    ],
  }),
  refuses({
    id: "S12",
    name: "refuses two signatures",
    sends: "two signatures in one header, and the header sent twice, the right one first and last; X-Timestamp sent twice",
    fix: "Refuse more than one value: look at every X-Signature and X-Timestamp header, not only at the first or the last.",
    requests: 5,
    variants: (m) => [
      ["two signatures in one header, the right one first", withSignature(m, `${FULL}, ${OTHER}`)],
      ["two signatures in one header, the right one last", withSignature(m, `${OTHER},${FULL}`)],
      ["X-Signature sent twice, the right one first", withExtraHeader(m, "X-Signature", OTHER)],
      ["X-Signature sent twice, the right one last", withExtraHeader(withSignature(m, OTHER), "X-Signature", FULL)],
      ["X-Timestamp sent twice", withExtraHeader(m, "X-Timestamp", TIME)],
    ],
  }),
  {
    id: "S13",
    level: "MUST",
    name: "keeps the expected signature and the secret to itself",
    sends: "a wrong signature",
    expects: "an answer that shows neither the expected signature nor the secret",
    fix: "Say that the signature does not match, and nothing about what would.",
    requests: 1,
    needs: ["secret"],
    async run(webhook) {
      const message = withSignature(webhook.says("hello"), OTHER);
      // Two seconds may be at play: the expected signature is computed for both.
      const before = expectedSignatures(message, webhook);
      const sent = await webhook.send(message);
      const shown = whole(sent);
      const expected = [...before, ...expectedSignatures(message, webhook)];
      if (expected.some((value) => shown.includes(value))) {
        throw new Broken(`the expected signature, in ${described(sent)}`, { by: sent });
      }
      if (webhook.tellingSecret && shown.includes(webhook.tellingSecret))
        throw new Broken("the secret, in the answer", { by: sent });
    },
  },
  refuses({
    id: "S14",
    name: "refuses signatures that anyone could make",
    sends: "a signature with an empty key, and the signature of an empty body",
    fix: "Never verify with an empty secret, and sign the whole body as it came.",
    requests: 2,
    variants: (m) => [
      ["signed with an empty key", resigned(m, { key: "" })],
      ["the signature of an empty body", resigned(m, { over: [] })],
    ],
  }),
  {
    id: "S15",
    level: "SHOULD",
    name: "says 401 and why",
    sends: "no signature, a wrong one, and a stale timestamp",
    expects: `401, and the reason within the first ${DETAIL_BYTES} bytes of the body, which is all that the main app shows`,
    fix: 'Answer 401 with a short body that names what is wrong, such as {"code":"signature_mismatch"}.',
    requests: 3,
    needs: ["secret"],
    async run(webhook) {
      const message = webhook.says("hello");
      let refusals = 0;
      for (const refusedOne of [unsigned(message), withSignature(message, OTHER), resigned(message, { offset: -3600 })]) {
        const sent = await webhook.send(refusedOne);
        // That it was accepted is the matter of other checks.
        if (statusOf(sent) === 200) continue;
        refusals++;
        const start = Buffer.from(bodyText(sent)).subarray(0, DETAIL_BYTES).toString();
        if (statusOf(sent) !== 401 || !/signature|timestamp/i.test(start)) throw new Broken(described(sent), { by: sent });
      }
      if (refusals === 0) throw new Skipped("nothing was refused");
    },
  },
  {
    id: "S16",
    level: "SHOULD",
    name: "accepts upper-case hex",
    sends: "the right signature in upper case",
    expects: '200 and a JSON object with "reply"',
    fix: "Decode the hex digits before comparing, or make them lower case.",
    requests: 1,
    needs: ["secret"],
    async run(webhook) {
      replyOf(await webhook.send(withSignature(webhook.says("hello"), `sha256=${UPPER}`)));
    },
  },
];

function unsigned(message: Message): Message {
  const { signing: _, ...rest } = withHeader(withHeader(message, "X-Signature", undefined), "X-Timestamp", undefined);
  return rest;
}

function expectedSignatures(message: Message, { secret }: Webhook): string[] {
  const { SIGNATURE: hex, UPPER: upper, BASE64: base64 } = variablesOf(message, secret);
  return [hex, upper, base64].filter((value) => value !== undefined);
}

function whole(sent: Sent): string {
  return `${sent.answer?.headers.map((header) => header.join(": ")).join("\n")}\n${bodyText(sent)}`;
}

function arabicIndic(seconds: number): string {
  return String(seconds).replace(/\d/g, (digit) => String.fromCharCode(0x660 + Number(digit)));
}
