import { setTimeout as sleep } from "node:timers/promises";
import { LIMITS_AT_ONCE } from "../../http/limits.ts";
import { PATIENCE_MS } from "../../sender/main-app.ts";
import { signedNow } from "../../sender/outgoing-request.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { described, replyOf, statusOf } from "../expect.ts";
import { joinedText } from "../stream-reading.ts";
import { type Sent, token, type Webhook } from "../webhook.ts";
import { streamOf } from "./stream-requests.ts";

const AT_ONCE = 50;
/** Between the starts of two messages that are sent at once: a server must have the time to accept a connection. */
const APART_MS = 2;
const IN_A_ROW = 200;
/** A bot that thinks for a while gets fewer messages in a row, so that the whole run stays short. */
const LONGEST_ROW_MS = 20_000;
const STREAMS_AT_ONCE = 20;

export const SHARE_NOTHING =
  "Share no variable between requests, keep a conversation under its thread.id only, and serve requests in parallel.";

const ACCEPT_MORE =
  "Serve requests in parallel, and let more connections wait (a listen backlog of 128; in Python, request_queue_size).";

interface Asked {
  readonly text: string;
  readonly sent: Sent;
}

/** Fifty messages at the same time, each with its own text. Sent once: two checks look at the answers. */
function atOnce(webhook: Webhook): Promise<Asked[]> {
  return webhook.once("at once", () =>
    askAll(
      webhook,
      Array.from({ length: AT_ONCE }, () => `load ${token()}`),
    ),
  );
}

function askAll(webhook: Webhook, texts: readonly string[], url?: URL): Promise<Asked[]> {
  const ask = async (text: string, i: number): Promise<Asked> => {
    await sleep(i * APART_MS);
    return { text, sent: await webhook.send(webhook.textRequest(text, url), { limits: LIMITS_AT_ONCE }) };
  };
  return Promise.all(texts.map(ask));
}

/** Throws {@link Broken} if the reply is not to its own text, or holds another of `texts`. */
function expectOwnReply(webhook: Webhook, { text, sent }: Asked, texts: readonly string[]): void {
  const reply = replyOf(sent);
  const ofAnother = texts.some((other) => other !== text && reply.includes(other));
  if (ofAnother || (webhook.isEcho && !reply.includes(text))) {
    const came = `the reply ${sent.quote(JSON.stringify(reply))} to the text ${JSON.stringify(text)}`;
    throw new Broken(came, { by: sent, fix: SHARE_NOTHING });
  }
}

export const load: readonly Check[] = [
  {
    id: "L06",
    level: "MUST",
    name: "keeps streams at the same time apart",
    risk: "read what is said to others at the same time",
    sends: `${STREAMS_AT_ONCE} messages to the stream URL at the same time, each with its own text`,
    expects: "in each stream no text of another, and from an echo its own",
    fix: SHARE_NOTHING,
    requests: STREAMS_AT_ONCE,
    needs: ["stream"],
    async run(webhook) {
      const texts = Array.from({ length: STREAMS_AT_ONCE }, () => `stream ${token()} ${token()}`);
      for (const { text, sent } of await askAll(webhook, texts, webhook.streamUrl)) {
        // Whether it answers at all, other checks look at.
        if (statusOf(sent) !== 200) continue;
        const streamed = joinedText(streamOf(sent).events);
        const ofAnother = texts.some(
          (other) =>
            other !== text &&
            other
              .split(" ")
              .slice(1)
              .some((word) => streamed.includes(word)),
        );
        if (ofAnother || (webhook.isEcho && !streamed.includes(text)))
          throw new Broken(`the stream ${sent.quote(streamed)} to the text ${JSON.stringify(text)}`, { by: sent });
      }
    },
  },
  {
    id: "L01",
    level: "MUST",
    name: "answers 50 at once, each with its own reply",
    sends: "50 messages at the same time, each with its own text",
    expects: "200 to each, without the text of another, and from an echo with its own",
    fix: SHARE_NOTHING,
    requests: 2 * AT_ONCE,
    async run(webhook) {
      const all = await atOnce(webhook);
      const texts = all.map(({ text }) => text);
      const silent = all.filter(({ sent }) => sent.failure);
      for (const asked of all) if (!silent.includes(asked)) expectOwnReply(webhook, asked, texts);
      const [first] = silent;
      if (!first) return;
      // Connections that wait to be accepted may be dropped. So a message without an answer is sent once more.
      const again = await askAll(
        webhook,
        silent.map(({ text }) => text),
      );
      for (const asked of again) {
        if (asked.sent.failure) throw new Broken(described(asked.sent), { by: asked.sent, fix: ACCEPT_MORE });
        expectOwnReply(webhook, asked, texts);
      }
      const came = `${silent.length} of ${AT_ONCE} were answered only on the second try; on the first: ${described(first.sent)}`;
      throw new Broken(came, { by: first.sent, level: "SHOULD", fix: ACCEPT_MORE });
    },
  },
  {
    id: "L02",
    level: "MUST",
    name: "answers 200 in a row over one connection",
    sends:
      "200 messages one after the other over a kept-alive connection (a new one if the server closes it), or those of 20 s",
    expects: "200 to each, without the text of another, and from an echo with its own",
    fix: "Read each request to its end, and send Connection: close before you close a connection.",
    requests: IN_A_ROW,
    async run(webhook) {
      const texts = Array.from({ length: IN_A_ROW }, () => `row ${token()}`);
      const left = texts.values();
      const end = performance.now() + LONGEST_ROW_MS;
      for await (const sent of webhook.overOneConnection(texts.map((text) => webhook.textRequest(text)))) {
        expectOwnReply(webhook, { text: left.next().value as string, sent }, texts);
        if (performance.now() > end) return;
      }
    },
  },
  {
    id: "L03",
    level: "SHOULD",
    name: "gives the same reply to the same request",
    sends: "the same signed request twice",
    expects: "the same reply",
    fix: "Store the answer under the request's signature for a while, and after verifying, give it to a repeated request.",
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
