import { LIMITS_AT_ONCE } from "../../http/limits.ts";
import { PATIENCE_MS } from "../../sender/main-app.ts";
import { signedNow } from "../../sender/outgoing-request.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { described, replyOf, statusOf } from "../expect.ts";
import { type Sent, token, type Webhook } from "../webhook.ts";

const AT_ONCE = 50;
const IN_A_ROW = 200;

export const SHARE_NOTHING =
  "Share no variable between requests, keep a conversation under its thread.id only, and serve requests in parallel.";

interface Asked {
  readonly text: string;
  readonly sent: Sent;
}

/** Fifty messages at the same time, each with its own text. Sent once: two checks look at the answers. */
function atOnce(webhook: Webhook): Promise<Asked[]> {
  const ask = async (text: string): Promise<Asked> => ({
    text,
    sent: await webhook.send(webhook.textRequest(text), { limits: LIMITS_AT_ONCE }),
  });
  return webhook.once("at once", () => Promise.all(Array.from({ length: AT_ONCE }, () => ask(`load ${token()}`))));
}

/** Throws {@link Broken} if the reply is not to its own text, or holds another of `texts`. */
function expectOwnReply(webhook: Webhook, { text, sent }: Asked, texts: readonly string[]): void {
  const reply = replyOf(sent);
  const ofAnother = texts.some((other) => other !== text && reply.includes(other));
  if (ofAnother || (webhook.isEcho && !reply.includes(text))) {
    throw new Broken(`the reply ${sent.quote(JSON.stringify(reply))} to the text ${JSON.stringify(text)}`, { by: sent });
  }
}

export const load: readonly Check[] = [
  {
    id: "L01",
    level: "MUST",
    name: "answers 50 at once, each with its own reply",
    sends: "50 messages at the same time, each with its own text",
    expects: "200 to each, without the text of another, and from an echo with its own",
    fix: SHARE_NOTHING,
    requests: AT_ONCE,
    async run(webhook) {
      const all = await atOnce(webhook);
      const texts = all.map(({ text }) => text);
      for (const asked of all) expectOwnReply(webhook, asked, texts);
    },
  },
  {
    id: "L02",
    level: "MUST",
    name: "answers 200 in a row over one connection",
    sends: "200 messages one after the other over a kept-alive connection (a new one if the server closes it)",
    expects: "200 to each, without the text of another, and from an echo with its own",
    fix: "Read each request to its end, and send Connection: close before you close a connection.",
    requests: IN_A_ROW,
    async run(webhook) {
      const texts = Array.from({ length: IN_A_ROW }, () => `row ${token()}`);
      const left = texts.values();
      for await (const sent of webhook.overOneConnection(texts.map((text) => webhook.textRequest(text)))) {
        expectOwnReply(webhook, { text: left.next().value as string, sent }, texts);
      }
    },
  },
  {
    id: "L03",
    level: "SHOULD",
    name: "gives the same reply to the same request",
    sends: "the same signed request twice",
    expects: "the same reply",
    fix: "Store the answer to a message under its id for a while, and give it to a repeated request.",
    requests: 2,
    async run(webhook) {
      const request = signedNow(webhook.textRequest("the same twice"), webhook.secret);
      const first = replyOf(await webhook.send(request));
      const again = await webhook.send(request);
      if (replyOf(again) !== first)
        throw new Broken(`first ${again.quote(JSON.stringify(first))}, then: ${described(again)}`, { by: again });
    },
  },
  {
    id: "L04",
    level: "MUST",
    name: "stays in time under load",
    sends: "50 messages at the same time",
    expects: `95 of 100 answered within ${PATIENCE_MS / 1000} s`,
    fix: "Serve requests in parallel (threads, workers, async), and do slow work outside the request.",
    requests: AT_ONCE,
    async run(webhook) {
      const asked = await atOnce(webhook);
      const times = asked
        .map(({ sent }) => (statusOf(sent) === 200 ? sent.totalMs : Number.POSITIVE_INFINITY))
        .sort((a, b) => a - b);
      const p95 = times[Math.ceil(times.length * 0.95) - 1] as number;
      if (p95 < PATIENCE_MS) return;
      const slowest = asked.reduce((a, b) => (a.sent.totalMs > b.sent.totalMs ? a : b));
      const came = Number.isFinite(p95) ? `95 of 100 within ${Math.round(p95)} ms` : `unanswered: ${described(slowest.sent)}`;
      throw new Broken(came, { by: slowest.sent });
    },
  },
];
