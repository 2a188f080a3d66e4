import { randomUUID } from "node:crypto";
import { answerHeader, type Exchange } from "../../http/exchange.ts";
import type { Quote } from "../../peer-text.ts";
import { mapText } from "../../sender/body.ts";
import { type OutgoingRequest, signedAgain, withHeader } from "../../sender/outgoing-request.ts";
import type { Distortion } from "../runs/thread-run.ts";
import type { Message } from "../store/records.ts";
import { problemIn, sentence, shortAnswer } from "./answer-words.ts";
import type { Break, Verdict } from "./protocol.ts";

/** Latin, Greek, Cyrillic, Chinese, Japanese, Korean, Arabic, Hebrew, Hindi, Thai, an emoji of several parts, and a line separator. */
export const MANY_LANGUAGES = "café, Ωμέγα, Привет, 你好, こんにちは, 안녕, مرحبا, שלום, नमस्ते, สวัสดี, 👩‍👩‍👧, a\u2028b";
const HUGE_CHARACTERS = 900_000;
const CONTENT = '"content":"';
const STALE_SECONDS = -3600;
const TOO_LARGE = 413;
const SIGNATURE_HEADERS = ["X-Timestamp", "X-Signature"];

/** These need a secret: without one, no request is signed. */
export const BREAKS_OF_SIGNATURE: readonly Break[] = ["wrong-secret", "no-signature", "stale", "changed-body"];

/** How a break changes what is sent. */
export function distortionOf(kind: Break): Distortion {
  switch (kind) {
    case "wrong-secret":
      return { request: (request) => signedAgain(request, { key: randomUUID() }) };
    case "no-signature":
      return { request: ({ signing: _, ...request }) => SIGNATURE_HEADERS.reduce(withoutHeader, request) };
    case "stale":
      return {
        request: (request) => {
          const time = String(Number(request.signing?.time) + STALE_SECONDS);
          return signedAgain(request, { time, offset: STALE_SECONDS });
        },
      };
    case "changed-body":
      // A change of meaning: a webhook may allow another white space, because other HTTP clients write it.
      return {
        request: (request) => ({ ...request, body: mapText(request.body, (json) => json.replace(CONTENT, `${CONTENT}not `)) }),
      };
    case "huge":
      return {
        run: (run) => ({ ...run, message: lengthened(run.message), history: run.history.map(lengthenedIf(run.message)) }),
      };
    default:
      return {};
  }
}

/** Only this request carries the long text: the thread keeps what the person wrote, so that the next message is not huge too. */
function lengthened(message: Message): Message {
  return { ...message, content: `${message.content} `.padEnd(HUGE_CHARACTERS, "x") };
}

function lengthenedIf({ id }: Message) {
  return (message: Message) => (message.id === id ? lengthened(message) : message);
}

const withoutHeader = (request: OutgoingRequest, name: string) => withHeader(request, name, undefined);

/** What came of a broken message. `copy` is the answer to the copy, or to the message after the one that was hung up. */
interface BrokenOutcome {
  readonly exchange: Exchange;
  readonly text: string;
  /** The messages that the webhook stored through the Partner API. */
  readonly posts: number;
  readonly quote: Quote;
  readonly copy?: { readonly exchange: Exchange; readonly text: string };
}

type Expected = NonNullable<Verdict["expected"]>;

/** `answer` is what the webhook did, and `inShort` the same where it is as it should be. */
function told(held: boolean, good: string, should: string, answer: string, inShort = answer): Expected {
  return { what: held ? `${good}: ${sentence(inShort)}` : `${should}. It did not: ${sentence(answer)}`, held };
}

/** Whether the webhook did what it should. */
export function expectationOf(kind: Break, { exchange, text, posts, quote, copy }: BrokenOutcome): Expected {
  const status = exchange.failure ? 0 : (exchange.answer?.status ?? 0);
  const came = shortAnswer(exchange, quote);
  const code = codeAnswer(exchange, quote);
  switch (kind) {
    case "wrong-secret":
    case "no-signature":
    case "stale":
    case "changed-body": {
      const isStream = answerHeader(exchange, "content-type").includes("text/event-stream");
      const held = status >= 400 && status <= 499 && !isStream;
      return told(held, "Refused, as it should be", "The webhook should refuse this with 401", came, code);
    }
    case "twice": {
      const held = exchange.answer?.status === copy?.exchange.answer?.status && text === copy?.text && !copy.exchange.failure;
      const second = copy ? shortAnswer(copy.exchange, quote) : "nothing";
      const both = `${came}, and then ${second}${text === copy?.text ? "" : ", with another text"}`;
      const { what } = told(held, "Both got the same answer", "The webhook should give both the same answer", both, code);
      const stored = ` It also stored ${posts} messages: what must happen only once needs message.id as its idempotency key.`;
      return { what: posts < 2 ? what : what + stored, held };
    }
    case "non-ascii": {
      const should = "The webhook should accept this, although the signature covers the escaped form";
      return told(status === 200, "Accepted, as it should be", should, came);
    }
    case "huge": {
      const good = status === TOO_LARGE ? "Refused with 413, which is fine" : "Answered, as it should be";
      const should = "The webhook should answer this, or refuse its 1.8 MB with 413";
      return told(status === 200 || status === TOO_LARGE, good, should, came, code);
    }
    case "hang-up": {
      const next = copy?.exchange.answer?.status ?? 0;
      const said = copy ? shortAnswer(copy.exchange, quote) : "nothing came";
      return told(next > 0 && next < 500, "The next message was answered", "The webhook should answer the next message", said);
    }
  }
}

/** Without the reason in words, which is in the inspector: what is as it should be needs no reading. */
function codeAnswer(exchange: Exchange, quote: Quote): string {
  const code = problemIn(exchange)?.code;
  return code ? `HTTP ${exchange.answer?.status}, ${quote(code)}` : shortAnswer(exchange, quote);
}
