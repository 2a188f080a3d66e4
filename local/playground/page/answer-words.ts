import { answerHeader, type Exchange, type Failure, failureText } from "../../http/exchange.ts";
import type { PeerText, Quote } from "../../peer-text.ts";
import { parseJson } from "../../sender/parse-json.ts";
import type { ExchangeDetails } from "./protocol.ts";

const SHOWN_CHARACTERS = 160;

type ProblemDetails = NonNullable<NonNullable<ExchangeDetails["response"]>["problem"]>;

/** The members of problem details (RFC 9457) in a body, and the `code` that many webhooks add; null if it is none. */
export function problemIn({ answer }: Exchange): ProblemDetails | null {
  if (!answer || answer.status < 400) return null;
  try {
    const value = parseJson(textOf(answer.body)) as Record<string, unknown> | null;
    const member = (name: string) => (typeof value?.[name] === "string" ? (value[name] as string) : "");
    const problem = { title: member("title"), detail: member("detail"), code: member("code") };
    return problem.detail || problem.code || problem.title ? problem : null;
  } catch {
    return null;
  }
}

/** The status, and what the body says in a few words; or why there is no answer. */
export function shortAnswer(exchange: Exchange, quote: Quote): string {
  const { answer, failure } = exchange;
  if (failure) return whyNoAnswer(failure, quote);
  if (!answer) return "no answer";
  const problem = problemIn(exchange);
  if (problem)
    return [`HTTP ${answer.status}`, quote(problem.code), quote(problem.detail || problem.title)].filter(Boolean).join(", ");
  if (answer.status === 200) return "HTTP 200";
  const body = quote(textOf(answer.body));
  return body ? `HTTP ${answer.status}, ${body}` : `HTTP ${answer.status} without a body`;
}

/** Why there is no whole answer, with the webhook's own text in quotes. */
export function whyNoAnswer(failure: Failure, quote: Quote): string {
  return failureText(failure, (text) => `"${quote(text)}"`);
}

/** Quotes the start of a text of the webhook, without its secret, on one line and without a full stop at its end. */
export function quoting(peer: PeerText): Quote {
  return (text) => {
    const line = peer.quote(text).trim().replace(/\.$/, "");
    return line.length > SHOWN_CHARACTERS ? `${line.slice(0, SHOWN_CHARACTERS)}…` : line;
  };
}

/** With a full stop, unless it ends a sentence already. */
export function sentence(text: string): string {
  return /[.?!…]$/.test(text) ? text : `${text}.`;
}

export function textOf(body: Uint8Array): string {
  return new TextDecoder().decode(body);
}

/** The Content-Type as the person should read it. */
export function typeOf(exchange: Exchange, quote: Quote): string {
  return quote(answerHeader(exchange, "content-type")) || "no Content-Type";
}
