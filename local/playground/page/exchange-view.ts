import { type Exchange, failureText } from "../../http/exchange.ts";
import { folded, shellSnippet } from "../../sender/snippet.ts";
import { problemIn, textOf } from "./answer-words.ts";
import { type LoggedExchange, MOST_READ_BYTES, MOST_TEXT, startOf } from "./logged-exchange.ts";
import type { ExchangeDetails, ExchangeView } from "./protocol.ts";
import { readViews } from "./stream-view.ts";
import { shortened } from "./views.ts";

/** An exchange as the chat shows it. */
export function exchangeView(entry: LoggedExchange): ExchangeView {
  const { id, route, appId, threadId, messageId, at, break: broken } = entry.beginning;
  return {
    ...{ id, route, appId, threadId, messageId, at, url: entry.url },
    ...(broken && { break: broken }),
    state: entry.over ? "ended" : "running",
    status: entry.exchange?.answer?.status ?? null,
    ms: entry.exchange ? Math.round(entry.exchange.totalMs) : null,
    text: shortened(entry.text, entry.textLength),
    verdict: entry.verdict,
  };
}

/** An exchange as the inspector shows it. The secret is nowhere in it. */
export function exchangeDetails(entry: LoggedExchange): ExchangeDetails {
  const { exchange, peer, signature, verification, warnings, limitMs } = entry;
  const { firstByteMs, longestSilenceMs = 0, totalMs = 0 } = exchange ?? {};
  return {
    ...exchangeView(entry),
    request: { head: peer.maskOwn(entry.head), body: startOf(peer.maskOwn(entry.body)), curl: curlOf(entry) },
    signature: signature && { ...signature, signed: startOf(peer.maskOwn(signature.signed)) },
    response: exchange ? responseOf(entry, exchange) : null,
    reads: readViews(entry.reads, entry.isReadAsStream, peer),
    ...{ verification, warnings },
    timing: {
      firstByteMs: firstByteMs === undefined ? null : Math.round(firstByteMs),
      longestSilenceMs: Math.round(longestSilenceMs),
      totalMs: Math.round(totalMs),
      limitMs,
    },
  };
}

/** The request is signed for the time when somebody pastes it. */
function curlOf({ request, body, peer }: LoggedExchange): string {
  if (!request || body.length > MOST_TEXT) return "";
  const { signing, ...rest } = request;
  const { time: _, ...again } = signing ?? { over: [] };
  return folded(peer.maskOwn(shellSnippet(signing ? { ...rest, signing: again } : rest)));
}

function responseOf({ peer }: LoggedExchange, exchange: Exchange): NonNullable<ExchangeDetails["response"]> {
  const { answer, failure } = exchange;
  const lines = answer ? [`HTTP/${answer.version} ${answer.status}`, ...answer.headers.map((pair) => pair.join(": "))] : [];
  const body = peer.mask(textOf(answer?.body ?? new Uint8Array()));
  const problem = problemIn(exchange);
  return {
    head: peer.mask(lines.join("\r\n")),
    body: body.slice(0, MOST_TEXT),
    bodyCut: body.length > MOST_TEXT || (answer?.body.length ?? 0) >= MOST_READ_BYTES,
    problem: problem && { title: peer.mask(problem.title), detail: peer.mask(problem.detail), code: peer.mask(problem.code) },
    failure: failure ? peer.line(failureText(failure, peer.quote)) : null,
  };
}
