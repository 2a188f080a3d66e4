import { answerHeader, type Exchange } from "../../http/exchange.ts";
import type { Quote } from "../../peer-text.ts";
import { USE_LOCALHOST } from "../webhook-url.ts";
import { problemIn, sentence, shortAnswer, whyNoAnswer } from "./answer-words.ts";
import type { Outcome } from "./outcome.ts";
import type { Verdict } from "./protocol.ts";

export const NOTHING = "Nothing: no message and no notice. Only the console of the user's browser has the reason.";

export function failed(what: string, realChat: string): Verdict {
  return { kind: "failed", what, realChat };
}

/** An answer of this type is not forwarded to the chat. */
export function wrongTypeWords(type: string): string {
  if (/text\/event-stream/i.test(type)) return `The webhook answered with ${type}: write text/event-stream in lower case.`;
  const how = "give the App the URL that streams, such as /stream";
  return `The webhook answered with ${type}, and the chat needs text/event-stream: ${how}.`;
}

/** The verdict if the webhook was not called. */
export function callFailure({ notCalled, quote }: Outcome, realChat: string): Verdict | undefined {
  if (notCalled === undefined) return undefined;
  const advice = notCalled.endsWith("is blocked") ? ` ${USE_LOCALHOST}` : "";
  return failed(`The main app does not call this webhook: ${quote(notCalled)}.${advice}`, realChat);
}

/** Why there is no whole answer. */
export function failureWords({ url, quote }: Outcome, { failure, longestSilenceMs, answer }: Exchange): string {
  if (!failure) return "";
  const { kind } = failure;
  const why = sentence(whyNoAnswer(failure, quote));
  const seconds = Math.max(0.1, Math.round(longestSilenceMs / 100) / 10);
  if (kind === "timeout")
    return `The webhook was silent for ${seconds} s, and the main app gave up: send something sooner, such as ": ping" in a stream.`;
  if (kind === "unreachable") return `${url} cannot be reached: ${why} Is the webhook running?`;
  if (kind === "too-long") {
    // A longer head is not read by the main app either.
    const goesOn = why.startsWith("the answer") ? " The main app would have gone on." : "";
    return `The playground stopped reading: ${why}${goesOn}`;
  }
  if (kind === "not-http" || kind === "undecodable") return why[0]?.toUpperCase() + why.slice(1);
  return answer ? `The answer broke off: ${why}` : `There was no HTTP answer: ${why}`;
}

/** What a status other than 200 means. */
export function statusWords({ quote }: Outcome, exchange: Exchange): string {
  const status = exchange.answer?.status ?? 0;
  if (status >= 300 && status < 400)
    return `The webhook redirects (HTTP ${status}${location(exchange, quote)}), and the main app follows no redirect: give the App the new URL.`;
  const came = shortAnswer(exchange, quote);
  if (status === 401 || status === 403) {
    const why = problemIn(exchange)?.code.startsWith("timestamp") ? "the timestamp" : "the signature";
    return `The webhook refused ${why}: ${sentence(came)}`;
  }
  return `The webhook answered ${sentence(came)} The main app takes only 200.`;
}

function location(exchange: Exchange, quote: Quote): string {
  const to = quote(answerHeader(exchange, "location"));
  return to && ` to ${to}`;
}
