import { randomUUID } from "node:crypto";
import { exchangeOnce } from "../../http/connection.ts";
import type { Exchange, ExchangeOptions } from "../../http/exchange.ts";
import { LIMITS } from "../../http/limits.ts";
import { bodyBytes } from "../../sender/body.ts";
import { type OutgoingRequest, variablesOf, wireBytes } from "../../sender/outgoing-request.ts";
import { InternalError } from "../http-error.ts";
import { webhookRequest } from "../payload.ts";
import type { Microseconds } from "../python/time.ts";
import type { App } from "../store/records.ts";
import { calledUrl, urlRefusal } from "../webhook-url.ts";
import type { Observe, Route } from "./events.ts";

/** The longest delay of a Node timer. The main app has no limit for a whole answer (observed). */
const FOREVER_MS = 2 ** 31 - 1;

/** Why a URL is not called, in the main app's words. */
export class UrlRefused extends InternalError {}

interface Calling {
  readonly route: Route;
  readonly app: App;
  readonly url: string;
  readonly threadId: string;
  readonly json: string;
  readonly at: Microseconds;
  /** The longest silence, in milliseconds. 0 times out at once; the main app fails if it is no number (observed). */
  readonly timeoutMs: App["timeoutMs"];
  readonly observe: Observe;
  /** Changes the request, to see what the webhook makes of it. */
  readonly distort?: ((request: OutgoingRequest) => OutgoingRequest) | undefined;
}

/** One request to a webhook: never repeated, never redirected, on a connection of its own (observed). */
export class Call {
  readonly run = randomUUID();
  readonly #calling: Calling;
  readonly #timeoutMs: number;
  readonly #request: OutgoingRequest;
  readonly #secret: string | undefined;

  /** Throws {@link UrlRefused}, or an InternalError. */
  constructor(calling: Calling) {
    const { app, route, threadId, json, at, timeoutMs, observe, distort = (request) => request } = calling;
    try {
      if (typeof timeoutMs !== "number") throw new InternalError("timeout_ms is no number");
      const url = allowedUrl(calling.url);
      this.#calling = calling;
      this.#timeoutMs = timeoutMs;
      this.#secret = app.secret || undefined;
      this.#request = distort(webhookRequest({ url, appId: app.id, threadId, json, secret: app.secret, at }));
    } catch (error) {
      observe({ run: this.run, type: "not called", route, appId: app.id, threadId, reason: (error as Error).message });
      throw error;
    }
  }

  /** Sends the request. The answer can be looked at as it comes. */
  async send({ onPiece, ...reading }: Pick<ExchangeOptions, "onHead" | "onPiece" | "signal"> = {}): Promise<Exchange> {
    const { route, app, threadId, at, observe } = this.#calling;
    const timeoutMs = this.#timeoutMs;
    const request = this.#request;
    const { run } = this;
    const bytes = wireBytes(request, this.#secret);
    const signed = request.signing && { signed: signedBytes(request, this.#secret) };
    observe({ type: "request", run, route, appId: app.id, threadId, at, request, bytes, ...signed });
    const startedAt = performance.now();
    const exchange =
      timeoutMs > 0
        ? await exchangeOnce(request.url, bytes, request.method, {
            ...{ idleMs: timeoutMs, totalMs: FOREVER_MS, limits: LIMITS, ...reading },
            onPiece: (bytes, atMs) => {
              // A copy: the buffer of a socket may be used again.
              observe({ run, type: "read", bytes: Uint8Array.from(bytes), atMs });
              onPiece?.(bytes, atMs);
            },
          })
        : timedOut(0);
    // local/http does not tell a time-out while connecting from a refused connection.
    const hung = exchange.failure?.kind === "unreachable" && performance.now() - startedAt >= timeoutMs;
    const observed = hung ? timedOut(timeoutMs) : exchange;
    observe({ run, type: "answer", exchange: observed });
    return observed;
  }

  /** A text that the caller gets. */
  result(text: string): void {
    this.#calling.observe({ run: this.run, type: "result", text });
  }

  end(error?: unknown): void {
    this.#calling.observe({ run: this.run, type: "end", ...(error !== undefined && { error: (error as Error).message }) });
  }
}

function allowedUrl(text: string): URL {
  const refusal = urlRefusal(text);
  if (refusal) throw new UrlRefused(refusal);
  const url = calledUrl(text);
  if (!url) throw new InternalError("the HTTP client cannot read the URL");
  return url;
}

function signedBytes(request: OutgoingRequest, secret: string | undefined): Uint8Array {
  const { TIME } = variablesOf(request, secret);
  return Buffer.concat([Buffer.from(`${TIME}.`), bodyBytes(request.signing?.over ?? [])]);
}

function timedOut(ms: number): Exchange {
  const failure = { kind: "timeout", message: `no connection within ${ms} ms` } as const;
  return { failure, firstByteMs: undefined, longestSilenceMs: ms, totalMs: ms };
}
