import { randomBytes } from "node:crypto";
import { Connection, exchangeOnce } from "../http/connection.ts";
import { answerHeader, type Exchange, type ExchangeOptions, unanswered } from "../http/exchange.ts";
import { LIMITS } from "../http/limits.ts";
import { PeerText, type Quote } from "../peer-text.ts";
import type { Body } from "../sender/body.ts";
import {
  type MainAppRequestParts,
  mainAppRequest,
  type OutgoingRequest,
  signedAgain,
  wireBytes,
} from "../sender/outgoing-request.ts";
import { mainAppPayload } from "../sender/payload.ts";
import type { Check } from "./check.ts";
import type { Deadline } from "./deadline.ts";
import { LeakWatch, SHORTEST_SEARCHABLE_SECRET } from "./leak-watch.ts";
import { SlowClient } from "./slow-client.ts";

/** A request and its result. */
export interface Sent extends Exchange {
  readonly request: OutgoingRequest;
  /** Makes a text of the answer safe to show. */
  readonly quote: Quote;
}

export interface CheckedWebhook {
  readonly url: URL;
  readonly stream?: URL | undefined;
  readonly secret?: string | undefined;
  /** The longest wait for the next byte, in milliseconds. */
  readonly timeoutMs: number;
}

/** A request takes at most this many times the time-out. */
export const TOTAL_TIMEOUTS = 3;
/** Says that the server does not know the method: a refusal, and no error of the webhook. */
export const NOT_IMPLEMENTED = 501;
const SHOWN_HEADERS = ["content-type", "content-encoding", "cache-control", "location", "allow"];

/** The webhook that is checked: sends requests to it, counts them, and stores answers that several checks use. */
export class Webhook {
  readonly url: URL;
  readonly stream: URL | undefined;
  readonly secret: string | undefined;
  /** The end of the run. */
  readonly deadline: Deadline;
  /** Makes the webhook's texts safe to show. */
  readonly text: PeerText;
  /** Whether the reply contains the text that was sent. Known after the first request. */
  isEcho = false;
  requestsSent = 0;
  /** Status and main headers of the answers to the current check. */
  readonly seen = new Set<string>();
  /** The check that runs now. */
  check: Pick<Check, "level" | "fix"> | undefined;
  attacksSent = 0;
  /** The first 5xx answer to a hostile request, and the fix of the check that sent it. */
  serverError: { readonly sent: Sent; readonly fix?: string | undefined } | undefined;
  /** What answers show that they must not show. */
  readonly leaks: LeakWatch;
  readonly #options: ExchangeOptions;
  readonly #shared = new Map<string, Promise<unknown>>();

  constructor({ url, stream, secret, timeoutMs }: CheckedWebhook, deadline: Deadline) {
    this.url = url;
    this.stream = stream;
    this.secret = secret;
    this.deadline = deadline;
    this.text = new PeerText({ secret, urls: [url, stream] });
    this.leaks = new LeakWatch(secret);
    this.#options = { idleMs: timeoutMs, totalMs: timeoutMs * TOTAL_TIMEOUTS, limits: LIMITS };
  }

  get signed(): boolean {
    return this.secret !== undefined;
  }

  /** The secret, if it is so long that no text contains it by chance. */
  get searchableSecret(): string | undefined {
    return this.secret && this.secret.length >= SHORTEST_SEARCHABLE_SECRET ? this.secret : undefined;
  }

  get streamUrl(): URL {
    return this.stream ?? this.url;
  }

  /** A request with this payload, and with the main app's headers and signature. */
  payloadRequest(payload: unknown, url: URL = this.url): OutgoingRequest {
    return this.bodyRequest([JSON.stringify(payload)], idsOf(payload), url);
  }

  /** The same with any body. */
  bodyRequest(body: Body, ids: Pick<MainAppRequestParts, "appId" | "threadId"> = {}, url: URL = this.url): OutgoingRequest {
    return mainAppRequest({ url, body, signed: this.signed, ...ids });
  }

  async send(request: OutgoingRequest, options: Partial<ExchangeOptions> = {}): Promise<Sent> {
    if (this.deadline.passed) return this.#unsent(request);
    this.requestsSent++;
    const bytes = this.wireBytes(request);
    const exchange = await exchangeOnce(request.url, bytes, request.method, this.#withinDeadline(options));
    return this.#record(request, bytes, exchange, options.endAfterWrite);
  }

  /** Whether the webhook accepts a connection. Sends nothing. */
  async listens(): Promise<boolean> {
    if (this.deadline.passed) return false;
    const opened = await Connection.open(this.url, this.#withinDeadline().idleMs);
    if (!(opened instanceof Connection)) return false;
    opened.close();
    return true;
  }

  /** A client for one slow request. It counts as one. Undefined if the webhook accepts no connection. */
  openSlowClient(url: URL): Promise<SlowClient | undefined> {
    this.requestsSent++;
    return SlowClient.open(url, this.#withinDeadline().idleMs);
  }

  /** Sends `requests` one after the other over one connection. Opens a new one if the server closes it. */
  async *overOneConnection(requests: readonly OutgoingRequest[]): AsyncGenerator<Sent> {
    let connection: Connection | undefined;
    try {
      for (const request of requests) {
        if (this.deadline.passed) return yield this.#unsent(request);
        this.requestsSent++;
        const bytes = this.wireBytes(request);
        if (!connection?.usable) {
          const opened = await Connection.open(request.url, this.#withinDeadline().idleMs);
          if (!(opened instanceof Connection)) return yield this.#record(request, bytes, unanswered(opened));
          connection = opened;
        }
        yield this.#record(request, bytes, await connection.exchange(bytes, request.method, this.#withinDeadline()));
      }
    } finally {
      connection?.close();
    }
  }

  /** Notes the answer to a hostile request, for H16, if the current check is a MUST: a SHOULD fails no other check. */
  noteAttack(sent: Sent): void {
    if (this.check?.level === "SHOULD") return;
    this.attacksSent++;
    const status = sent.answer?.status ?? 0;
    if (status >= 500 && status !== NOT_IMPLEMENTED && !sent.failure) this.serverError ??= { sent, fix: this.check?.fix };
  }

  /** Calls `make` once in a run for each `key`: checks that look at the same answer share one request. */
  once<T>(key: string, make: () => Promise<T>): Promise<T> {
    const known = this.#shared.get(key) as Promise<T> | undefined;
    if (known) return known;
    const made = make();
    this.#shared.set(key, made);
    return made;
  }

  /** A plain message with its own text. It is sent first, and after each hostile request. */
  plainRequest(content = `hello ${token()}`): OutgoingRequest {
    return this.textRequest(content);
  }

  /** The main app's request for a message with this text. Without a history: a person may have to read it. */
  textRequest(content: string, url: URL = this.url): OutgoingRequest {
    return this.payloadRequest(mainAppPayload({ content, historyTail: [] }), url);
  }

  /** The same, signed over the raw body: for checks that do not test the signed form. */
  rawTextRequest(content: string, url: URL = this.url): OutgoingRequest {
    return signedOverRaw(this.textRequest(content, url));
  }

  /** The bytes of `request`, signed now. */
  wireBytes(request: OutgoingRequest): Buffer {
    return wireBytes(request, this.secret);
  }

  /** The options of one exchange, which ends with the run at the latest. */
  #withinDeadline(options: Partial<ExchangeOptions> = {}): ExchangeOptions {
    const { idleMs, totalMs, ...rest } = { ...this.#options, ...options };
    // A timer may fire a moment early. One more millisecond, so that the deadline has passed when it fires.
    const leftMs = Math.ceil(this.deadline.leftMs) + 1;
    return { ...rest, idleMs: Math.min(idleMs, leftMs), totalMs: Math.min(totalMs, leftMs) };
  }

  #unsent(request: OutgoingRequest): Sent {
    return { ...unanswered({ kind: "timeout", message: "the time of the run was up" }), request, quote: this.text.quote };
  }

  #record(request: OutgoingRequest, bytes: Buffer, exchange: Exchange, brokenOff = false): Sent {
    const { answer, failure } = exchange;
    const { quote } = this.text;
    if (answer) {
      const values = SHOWN_HEADERS.map((name) => quote(answerHeader(exchange, name))).filter(Boolean);
      this.seen.add([answer.status, ...values].join(" · "));
    } else if (failure) this.seen.add(failure.kind);
    const sent = { ...exchange, request, quote };
    this.leaks.look(sent, bytes, brokenOff);
    return sent;
  }
}

/** `request` signed over its raw body, as most senders sign. */
export function signedOverRaw(request: OutgoingRequest): OutgoingRequest {
  return signedAgain(request, { over: request.body });
}

export function token(): string {
  return randomBytes(6).toString("hex");
}

function idsOf(payload: unknown): Pick<MainAppRequestParts, "appId" | "threadId"> {
  const { app, thread } = (payload ?? {}) as { app?: { id?: unknown }; thread?: { id?: unknown } };
  return {
    ...(typeof app?.id === "string" && { appId: app.id }),
    ...(typeof thread?.id === "string" && { threadId: thread.id }),
  };
}
