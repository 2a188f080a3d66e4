import type { IncomingMessage, ServerResponse } from "node:http";
import { setImmediate } from "node:timers/promises";
import { headerOf } from "../http/answer-head.ts";
import { exchangeOnce } from "../http/connection.ts";
import { type Exchange, type ExchangeOptions, failureText } from "../http/exchange.ts";
import { LIMITS } from "../http/limits.ts";
import type { PeerText } from "../peer-text.ts";
import { type Arrival, fail } from "./front.ts";

/** The caller's time-out ends a request before these do. */
const IDLE_MS = 600_000;
/** The longest delay of a Node timer. */
const FOREVER_MS = 2 ** 31 - 1;

/** How a request that was passed on ended. Without a failure, the caller got the whole answer. */
export interface PassedOn {
  readonly status?: number | undefined;
  readonly type?: string | undefined;
  /** Milliseconds until the head of the answer was there. */
  readonly headMs?: number;
  readonly ms: number;
  /** As the end of a sentence. */
  readonly failure?: string | undefined;
  /** What came of the webhook, with its body still compressed if it is. None if the caller hung up before it was connected. */
  readonly exchange?: Exchange | undefined;
  readonly callerHungUp: boolean;
}

/** Looks on at an answer as it is passed back. */
export type Look = Pick<ExchangeOptions, "onHead" | "onPiece">;

/**
 * Passes a request on to `to`, and its answer back to the caller as it arrives: the headers in their order and case, the body byte
 * for byte. Only Host changes. If `to` has a path, the request goes there, and else to its own path. The answer is read as the main
 * app reads it, so that no webhook fails only here. A caller that hangs up aborts the request. If there is no answer, the caller gets
 * 502 with a sentence.
 */
export async function passOn(
  { request, body, response }: Arrival,
  to: URL,
  peer: PeerText,
  look: Look = {},
): Promise<PassedOn> {
  const startedAt = performance.now();
  const abort = new AbortController();
  let callerHungUp = false;
  let head: Pick<PassedOn, "status" | "type" | "headMs"> = {};
  let failure: string | undefined;
  const giveUp = (why: string) => {
    failure ??= why;
    abort.abort();
  };
  response.once("close", () => {
    if (response.writableFinished || abort.signal.aborted) return;
    callerHungUp = true;
    giveUp("the caller hung up, so the request to the webhook was aborted");
  });
  // While it connects, an exchange does not end at the signal; later, it has ended in the next turn.
  const aborted = new Promise<undefined>((resolve) => {
    abort.signal.addEventListener("abort", async () => resolve(await setImmediate(undefined)));
  });

  const exchange = exchangeOnce(to, requestBytes(request, body, to), request.method ?? "", {
    idleMs: IDLE_MS,
    totalMs: FOREVER_MS,
    limits: LIMITS,
    suspectTls: true,
    keepEncoded: true,
    signal: abort.signal,
    onHead: (answer) => {
      look.onHead?.(answer);
      try {
        // Node would add these two to an answer that has none.
        response.sendDate = false;
        response.removeHeader("connection");
        response.writeHead(answer.status, answer.headers.flat());
      } catch (error) {
        return giveUp(`it cannot be passed on (${(error as Error).message})`);
      }
      // Before the first byte of the body: a stream's caller may wait for the head.
      response.flushHeaders();
      head = { status: answer.status, type: headerOf(answer, "content-type"), headMs: performance.now() - startedAt };
    },
    onPiece: (piece, atMs) => {
      if (!response.destroyed) response.write(piece);
      look.onPiece?.(piece, atMs);
    },
  });
  const ended = await Promise.race([exchange, aborted]);
  if (ended?.failure) failure ??= failureText(ended.failure, peer.quote);
  if (failure === undefined) await sent(response);
  else if (head.status !== undefined) response.destroy();
  else fail(response, 502, `There is no answer from ${peer.url(askedUrl(request, to))}: ${peer.line(failure)}.`);
  return { ...head, ms: performance.now() - startedAt, failure, exchange: ended, callerHungUp };
}

/** Ends the answer to the caller. Resolves when the caller has all of it, or has hung up. */
function sent(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    if (response.destroyed) resolve();
    else response.once("close", resolve).end(resolve);
  });
}

/** Header values are bytes in Node's strings. Chunks of the body are one here, because their sizes are gone. */
function requestBytes({ method, url, rawHeaders, headers }: IncomingMessage, body: Buffer, to: URL): Buffer {
  const lines = rawHeaders.flatMap((name, i) => {
    if (i % 2 === 1) return [];
    return [`${name}: ${name.toLowerCase() === "host" ? to.host : rawHeaders[i + 1]}\r\n`];
  });
  const head = Buffer.from(`${method} ${pathAt(to, url)} HTTP/1.1\r\n${lines.join("")}\r\n`, "latin1");
  if (headers["transfer-encoding"] === undefined) return Buffer.concat([head, body]);
  const chunk = body.length > 0 ? [Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")] : [];
  return Buffer.concat([head, ...chunk, Buffer.from("0\r\n\r\n")]);
}

/** If `to` has a path, it is asked, and else the request's own. */
function pathAt(to: URL, own = "/"): string {
  return to.pathname === "/" && to.search === "" ? own : to.pathname + to.search;
}

/** The URL to which a request is passed on. */
export function askedUrl(request: IncomingMessage, to: URL): URL {
  const [, path = "", query = ""] = /^([^?]*)(.*)$/s.exec(pathAt(to, request.url)) ?? [];
  const asked = new URL(to);
  [asked.pathname, asked.search] = [path, query];
  return asked;
}
