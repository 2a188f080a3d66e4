import { randomUUID } from "node:crypto";
import { isRecord } from "../../../shared/json-text.ts";
import { type ConversationMessage, replyIn } from "../../check/conversation.ts";
import { type Exchange, failureText } from "../../http/exchange.ts";
import { PeerText, type Quote } from "../../peer-text.ts";
import { bodyBytes } from "../../sender/body.ts";
import { DashboardReader, type Shown } from "../../sender/dashboard-reader.ts";
import type { OutgoingRequest } from "../../sender/outgoing-request.ts";
import { folded, shellSnippet } from "../../sender/snippet.ts";
import type { RunEvent } from "../runs/events.ts";
import { problemIn, quoting, textOf } from "./answer-words.ts";
import type { Outcome } from "./outcome.ts";
import type {
  Break,
  ExchangeDetails,
  ExchangeView,
  MessageView,
  ReadView,
  SignatureView,
  Verdict,
  Verification,
} from "./protocol.ts";
import { signatureView } from "./signature.ts";
import { isStream, readViews, streamWarnings } from "./stream-view.ts";
import { MOST_CHARACTERS, shortened } from "./views.ts";

/** Of one exchange. The rest is counted, and not shown. */
const MOST_READS = 20_000;
const MOST_READ_BYTES = 1_048_576;
/** A longer request is not kept whole. A huge message twice, in itself and in its history, is shorter. */
const MOST_BODY = 4 * 1_048_576;
const MOST_TEXT = 200_000;
/** What a read takes beside its bytes. */
const READ_OVERHEAD = 200;

export interface Beginning {
  readonly id?: string;
  readonly route: ExchangeView["route"];
  readonly appId: string;
  readonly threadId: string;
  readonly messageId: string | null;
  /** Of a request of the real main app: what its user wrote, and the main app's own ids. */
  readonly message?: MessageView;
  readonly sender?: { readonly appId: string; readonly threadId: string };
  readonly simulated?: boolean;
  readonly break?: Break | undefined;
}

/** One exchange as it goes on. */
export class Entry {
  readonly beginning: Beginning & { readonly id: string; readonly at: number };
  verdict: Verdict | null = null;
  over = false;
  stopped = false;
  /** Hangs up, as the chat's Stop button does. */
  stop: () => void = () => {};
  request: OutgoingRequest | undefined;
  bytes: Uint8Array | undefined;
  body = "";
  head = "";
  url = "";
  signature: SignatureView | null = null;
  verification: Verification | null = null;
  exchange: Exchange | undefined;
  reads: { readonly atMs: number; readonly bytes: Uint8Array }[] = [];
  warnings: readonly string[] = [];
  /** Its start, if it is long. */
  text = "";
  result = "";
  error: string | undefined;
  notCalled: string | undefined;
  posted: string[] = [];
  postedLate = false;
  limitMs: number | null = null;
  peer = new PeerText({});
  readonly #whole = Promise.withResolvers<void>();
  /** Resolves when the run has made of the answer what it makes of it. */
  readonly answered = this.#whole.promise;
  #reader: DashboardReader | undefined = new DashboardReader();
  #shown: Shown = { text: "", ended: "never" };
  #textLength = 0;
  #readBytes = 0;
  #streams = false;

  /** The start of a text of the webhook, as a sentence about it may quote it. */
  readonly quote: Quote = (text) => quoting(this.peer)(text);

  constructor(beginning: Beginning) {
    this.beginning = { id: randomUUID(), at: Date.now(), ...beginning };
  }

  /** The run is over. `error` is why the main app itself failed. */
  noteEnd(error?: string): void {
    this.error = error;
    this.#whole.resolve();
  }

  /** About how much memory it takes. */
  get size(): number {
    const read = Math.min(this.#readBytes, MOST_READ_BYTES) + READ_OVERHEAD * this.reads.length;
    const sent = 4 * this.body.length + (this.signature?.signed.length ?? 0);
    return sent + (this.exchange?.answer?.body.length ?? 0) + read + 2 * this.text.length;
  }

  /** Also computes what its signature would have been over the raw body: the secret may be another one later. */
  keepRequest(
    { request, bytes, signed }: Pick<RunEvent & { type: "request" }, "request" | "bytes" | "signed">,
    secret: string,
    limitMs: number | null,
  ): void {
    this.limitMs = limitMs;
    const end = Buffer.from(bytes).indexOf("\r\n\r\n");
    this.request = request;
    this.bytes = bytes;
    this.peer = new PeerText({ secret, urls: [request.url] });
    this.head = Buffer.from(bytes.subarray(0, end)).toString("latin1");
    this.body = bodyBytes(request.body).toString();
    this.url = this.peer.url(request.url);
    this.signature = signed ? signatureView(request, this.head, signed, secret) : null;
  }

  /** Keeps the first reads. */
  keepRead(bytes: Uint8Array, atMs: number): void {
    this.#readBytes += bytes.length;
    if (this.#readBytes <= MOST_READ_BYTES && this.reads.length < MOST_READS) this.reads.push({ bytes, atMs });
  }

  /** Keeps the start of a long answer. */
  keepAnswer(exchange: Exchange): void {
    this.#streams = isStream(exchange);
    this.warnings = streamWarnings(exchange, this.quote);
    const { answer } = exchange;
    const kept = answer && { ...answer, pieces: [], body: Uint8Array.from(answer.body.subarray(0, MOST_READ_BYTES)) };
    this.exchange = { ...exchange, ...(kept && { answer: kept }) };
  }

  /** Returns the text that the chat adds, as far as the page shows it. */
  keepForwarded(chunk: string): string {
    const added = this.#reader?.read(chunk).added ?? "";
    const shown = added.slice(0, MOST_CHARACTERS - this.text.length);
    this.#textLength += added.length;
    this.text += shown;
    return shown;
  }

  /** The reply of `/run` or of the Test button. */
  keepReply(reply: string): void {
    this.text ||= copied(reply.slice(0, MOST_CHARACTERS));
    this.#textLength ||= reply.length;
  }

  /** Nothing more will come. What nobody can see any more is let go: an answer may be long, and many are remembered. */
  finish(verdict: Verdict): void {
    this.over = true;
    this.verdict = verdict;
    this.#shown = { ...this.#readSoFar, text: "" };
    this.#reader = undefined;
    this.stop = () => {};
    this.bytes = undefined;
    this.result = "";
    if (this.body.length <= MOST_BODY) return;
    this.request = undefined;
    this.body = copied(start(this.body));
    if (this.signature) this.signature = { ...this.signature, signed: copied(start(this.signature.signed)) };
  }

  get #readSoFar(): Shown {
    return this.#reader?.shown ?? this.#shown;
  }

  /** The id of the message that the done event names. */
  get named(): string | undefined {
    const { done } = this.#readSoFar;
    return isRecord(done) && typeof done.message_id === "string" ? done.message_id : undefined;
  }

  get outcome(): Outcome {
    const { exchange, result, error, notCalled, stopped, posted, postedLate, quote } = this;
    const { route, simulated = false } = this.beginning;
    const { url } = this;
    const ends = { error, notCalled, stopped, posted, postedLate, quote };
    // Only the chat shows what can go wrong.
    const as = route === "passed" ? "stream" : route;
    return { route: as, simulated, url, exchange, shown: this.#readSoFar, hadText: this.text !== "", result, ...ends };
  }

  view(): ExchangeView {
    const { id, route, appId, threadId, messageId, at } = this.beginning;
    return {
      ...{ id, route, appId, threadId, messageId, at, url: this.url },
      ...(this.beginning.break && { break: this.beginning.break }),
      state: this.over ? "ended" : "running",
      status: this.exchange?.answer?.status ?? null,
      ms: this.exchange ? Math.round(this.exchange.totalMs) : null,
      text: shortened(this.text, this.#textLength),
      verdict: this.verdict,
    };
  }

  details(): ExchangeDetails {
    const { exchange, peer, signature } = this;
    return {
      ...this.view(),
      request: { head: peer.maskOwn(this.head), body: start(peer.maskOwn(this.body)), curl: this.#curl() },
      signature: signature && { ...signature, signed: start(peer.maskOwn(signature.signed)) },
      response: exchange ? this.#response(exchange) : null,
      verification: this.verification,
      reads: this.#reads(),
      warnings: this.warnings,
      timing: {
        firstByteMs: exchange?.firstByteMs === undefined ? null : Math.round(exchange.firstByteMs),
        longestSilenceMs: Math.round(exchange?.longestSilenceMs ?? 0),
        totalMs: Math.round(exchange?.totalMs ?? 0),
        limitMs: this.limitMs,
      },
    };
  }

  /** What a later run should send and get. None of a break, of a request that is not kept whole, or without a whole answer. */
  forConversation(): ConversationMessage[] {
    const { appId: app_id, threadId: thread_id } = this.beginning.sender ?? this.beginning;
    const { exchange, body, over } = this;
    const route = this.beginning.route === "passed" ? (this.#streams ? "stream" : "run") : this.beginning.route;
    if (route === "test" || this.beginning.break || !this.request || !over || !exchange?.answer || exchange.failure) return [];
    const { status, body: answered } = exchange.answer;
    const reply = answered.length < MOST_READ_BYTES ? replyIn(exchange) : undefined;
    return [{ route, app_id, thread_id, body, expect: { status, ...(reply !== undefined && { reply }) } }];
  }

  #reads(): ReadView[] {
    return readViews(this.reads, this.#streams || (this.beginning.route === "stream" && !this.exchange), this.peer);
  }

  /** The request is signed for the time when somebody pastes it. */
  #curl(): string {
    if (!this.request || this.body.length > MOST_TEXT) return "";
    const { signing, ...rest } = this.request;
    const { time: _, ...again } = signing ?? { over: [] };
    return folded(this.peer.maskOwn(shellSnippet(signing ? { ...rest, signing: again } : rest)));
  }

  #response(exchange: Exchange): NonNullable<ExchangeDetails["response"]> {
    const { answer, failure } = exchange;
    const { peer } = this;
    const lines = answer ? [`HTTP/${answer.version} ${answer.status}`, ...answer.headers.map((pair) => pair.join(": "))] : [];
    const body = peer.mask(textOf(answer?.body ?? new Uint8Array()));
    const problem = problemIn(exchange);
    return {
      head: peer.mask(lines.join("\r\n")),
      body: body.slice(0, MOST_TEXT),
      bodyCut: body.length > MOST_TEXT || (answer?.body.length ?? 0) >= MOST_READ_BYTES,
      problem: problem && mapped(problem, peer.mask),
      failure: failure ? peer.line(failureText(failure, peer.quote)) : null,
    };
  }
}

/** A slice would hold all of a long text in memory. */
const copied = (slice: string) => Buffer.from(slice).toString();

function start(text: string): string {
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}\n… and ${text.length - MOST_TEXT} more characters`;
}

function mapped<T extends string>(texts: Record<T, string>, map: (text: string) => string): Record<T, string> {
  return Object.fromEntries(Object.entries<string>(texts).map(([name, text]) => [name, map(text)])) as Record<T, string>;
}
