import { answerHeader } from "../../http/exchange.ts";
import { spaced } from "../../sender/json-forms.ts";
import { PATIENCE_MS } from "../../sender/main-app.ts";
import { LENGTH, type OutgoingRequest, SIGNATURE, signedAgain, TIME, withHeader } from "../../sender/outgoing-request.ts";
import { smokePayload, testButtonPayload } from "../../sender/payload.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { A_REPLY, described, replyObject, replyOf, statusOf } from "../expect.ts";
import type { Sent, Webhook } from "../webhook.ts";

const MANY_EMOJI = `${"😀".repeat(2000)} here`;
const SOON_MS = 2000;
/** JSON is always UTF-8, so that another charset is wrong. */
const JSON_TYPE = /^application\/(?:[\w.-]{1,50}\+)?json *(?:; *charset="?utf-?8"? *)?;?$/i;

/** The answer to a plain message. Sent once: two checks look at it. */
function plainAnswer(webhook: Webhook): Promise<Sent> {
  return webhook.once("plain answer", () => webhook.send(webhook.textRequest("hello")));
}

export const contractAnswers: readonly Check[] = [
  {
    id: "C09",
    level: "MUST",
    name: "accepts Content-Type with a charset",
    sends: "Content-Type: application/json; charset=utf-8",
    expects: A_REPLY,
    fix: "Of Content-Type, compare only the media type: before any semicolon, in any case.",
    requests: 1,
    async run(webhook) {
      replyOf(await webhook.send(withHeader(webhook.textRequest("hello"), "Content-Type", "application/json; charset=utf-8")));
    },
  },
  {
    id: "C10",
    level: "MUST",
    name: "reads header names in any case",
    sends: "all header names in lower case, then all in upper case",
    expects: A_REPLY,
    fix: "Ignore the case of header names: proxies and HTTP libraries change it.",
    requests: 2,
    async run(webhook) {
      for (const change of ["toLowerCase", "toUpperCase"] as const) {
        const request = webhook.textRequest("hello");
        const headers = request.headers.map(([name, value]) => [name[change](), value] as const);
        replyOf(await webhook.send({ ...request, headers }));
      }
    },
  },
  {
    id: "C11",
    level: "MUST",
    name: "answers exactly 200, without a redirect or unwanted compression",
    sends: "a message that accepts no compression, then one that accepts gzip and deflate",
    expects: "200, no redirect, and only a compression that Accept-Encoding names",
    fix: "Answer 200 at the URL itself, and compress only with what Accept-Encoding names.",
    requests: 2,
    async run(webhook) {
      for (const allowed of ["identity", "gzip, deflate"]) {
        const sent = await webhook.send(withHeader(webhook.textRequest("hello ".repeat(400)), "Accept-Encoding", allowed));
        if (statusOf(sent) !== 200) throw new Broken(described(sent), { by: sent });
        const encoding = answerHeader(sent, "content-encoding").toLowerCase();
        if (encoding && encoding !== "identity" && !allowed.includes(encoding)) {
          throw new Broken(`Content-Encoding: ${sent.quote(encoding)}, where the request accepts ${allowed}`, { by: sent });
        }
      }
    },
  },
  {
    id: "C12",
    level: "MUST",
    name: "answers in time",
    sends: "a plain message",
    expects: `never ${PATIENCE_MS / 1000} s without a byte: then the main app gives up; SHOULD: a whole answer within ${SOON_MS / 1000} s`,
    fix: "Answer sooner, or write a space every 5 s before the JSON: then the main app goes on waiting.",
    requests: 1,
    async run(webhook) {
      const sent = await plainAnswer(webhook);
      const { longestSilenceMs, totalMs } = sent;
      if (longestSilenceMs >= PATIENCE_MS) throw new Broken(`${Math.round(longestSilenceMs)} ms without a byte`, { by: sent });
      if (totalMs > SOON_MS) throw new Broken(`a whole answer after ${Math.round(totalMs)} ms`, { by: sent, level: "SHOULD" });
    },
  },
  {
    id: "C18",
    level: "SHOULD",
    name: "labels its reply as JSON",
    sends: "a plain message",
    expects: "Content-Type: application/json, without a charset or with utf-8",
    fix: 'Send Content-Type: application/json with {"reply": "…"}: a browser reads text/html as a page.',
    requests: 1,
    async run(webhook) {
      const sent = await plainAnswer(webhook);
      replyOf(sent);
      const type = answerHeader(sent, "content-type");
      if (!JSON_TYPE.test(type)) throw new Broken(type ? `Content-Type: ${sent.quote(type)}` : "no Content-Type", { by: sent });
    },
  },
  {
    id: "C14",
    level: "MUST",
    name: "replies with text that can be stored",
    sends: "a plain message, then the escapes \\u0000 and \\ud800 in the text, and two texts of 2,000 emoji",
    expects: "a reply without U+0000 or a lone surrogate; SHOULD: not empty, and from an echo with what follows them",
    fix: "In every reply, remove U+0000 and replace lone surrogates by U+FFFD: the main app answers 500 to them.",
    requests: 5,
    async run(webhook) {
      const plain = await webhook.send(webhook.textRequest("hello"));
      const empty = replyOf(plain).trim() === "";
      let cut: Sent | undefined;
      // Cut at an even or an odd number of UTF-16 units, one of the last two ends in half an emoji.
      for (const text of ["nul \0 here", "half \ud800 here", MANY_EMOJI, `a${MANY_EMOJI}`]) {
        const sent = await webhook.send(webhook.payloadRequest(testButtonPayload(text)));
        // A refusal is fine: it does not repeat the text.
        if (statusOf(sent) >= 400 && statusOf(sent) <= 499) continue;
        const reply = replyOf(sent);
        const quoted = sent.quote(JSON.stringify(reply));
        if (reply.includes("\0")) throw new Broken(`U+0000 in the reply ${quoted}`, { by: sent });
        if (webhook.isEcho && !reply.includes(" here")) cut ??= sent;
        if (!reply.isWellFormed()) throw new Broken(`a lone surrogate in the reply ${quoted}`, { by: sent });
      }
      if (empty)
        throw new Broken("an empty reply", {
          by: plain,
          level: "SHOULD",
          fix: "Reply with some text: an empty message is stored, and the user sees nothing.",
        });
      if (cut) throw new Broken(`the text after it is missing: ${described(cut)}`, { by: cut, level: "SHOULD" });
    },
  },
  {
    id: "C16",
    level: "MUST",
    name: "passes the main app's own smoke test",
    sends: "the test's exact request: spaced separators, no X-App-Id, Connection: close",
    expects: `${A_REPLY}, within ${SOON_MS / 1000} s`,
    fix: "Verify the raw body, do not require X-App-Id or X-Thread-Id, and answer within 2 s.",
    requests: 1,
    async run(webhook) {
      const sent = await webhook.send(smokeTestRequest(webhook));
      replyObject(sent);
      if (sent.totalMs > SOON_MS) throw new Broken(`an answer after ${Math.round(sent.totalMs)} ms`, { by: sent });
    },
  },
];

function smokeTestRequest(webhook: Webhook): OutgoingRequest {
  const body = [spaced(JSON.stringify(smokePayload()))];
  const signed = webhook.bodyRequest(body);
  const wanted = [
    ["Accept-Encoding", "identity"],
    ["Content-Length", LENGTH],
    ["Host", webhook.url.host],
    ["User-Agent", "Python-urllib/3.12"],
    ["Content-Type", "application/json"],
    ["Connection", "close"],
  ] as const;
  const signature = webhook.signed
    ? ([
        ["X-Timestamp", TIME],
        ["X-Signature", `sha256=${SIGNATURE}`],
      ] as const)
    : [];
  return signedAgain({ ...signed, headers: [...wanted, ...signature] }, { over: body });
}
