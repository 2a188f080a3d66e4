import { randomUUID } from "node:crypto";
import { isRecord } from "../../../shared/json-text.ts";
import { type ConversationMessage, replyIn } from "../../check/conversation.ts";
import type { Exchange } from "../../http/exchange.ts";
import { PeerText, type Quote } from "../../peer-text.ts";
import { bodyBytes } from "../../sender/body.ts";
import { DashboardReader, type Shown } from "../../sender/dashboard-reader.ts";
import type { OutgoingRequest } from "../../sender/outgoing-request.ts";
import type { RunEvent } from "../runs/events.ts";
import { quoting } from "./answer-words.ts";
import type { Outcome } from "./outcome.ts";
import type { Break, ExchangeView, MessageView, SignatureView, Verdict, Verification } from "./protocol.ts";
import { signatureView } from "./signature.ts";
import { isStream, streamWarnings } from "./stream-view.ts";
import { MOST_CHARACTERS } from "./views.ts";

/** Of one exchange. The rest is counted, and not shown. */
const MOST_READS = 20_000;
export const MOST_READ_BYTES = 1_048_576;
/** A longer request is not kept whole. A huge message twice, in itself and in its history, is shorter. */
const MOST_BODY = 4 * 1_048_576;
/** Longer texts of a request or an answer are shown in part. */
export const MOST_TEXT = 200_000;
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

/** What is kept of one exchange as it goes on. */
export class LoggedExchange {
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
  /** The text that the chat has shown, or the reply; its start, if it is long. */
  text = "";
  /** Of the whole text. */
  textLength = 0;
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
    this.textLength += added.length;
    this.text += shown;
    return shown;
  }

  /** The reply of `/run` or of the Test button. */
  keepReply(reply: string): void {
    this.text ||= copied(reply.slice(0, MOST_CHARACTERS));
    this.textLength ||= reply.length;
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
    this.body = copied(startOf(this.body));
    if (this.signature) this.signature = { ...this.signature, signed: copied(startOf(this.signature.signed)) };
  }

  /** Whether the chat reads its answer piece by piece. Before there is one, the route says so. */
  get isReadAsStream(): boolean {
    return this.#streams || (this.beginning.route === "stream" && !this.exchange);
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
    const { url, exchange, result, error, notCalled, stopped, posted, postedLate, quote } = this;
    const { route, simulated = false } = this.beginning;
    return {
      // Only the chat shows what can go wrong.
      route: route === "passed" ? "stream" : route,
      ...{ simulated, url, exchange, shown: this.#readSoFar, hadText: this.text !== "" },
      ...{ result, error, notCalled, stopped, posted, postedLate, quote },
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
}

/** A slice would hold all of a long text in memory. */
const copied = (slice: string) => Buffer.from(slice).toString();

/** The start of a text that is shown in part. */
export function startOf(text: string): string {
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT)}\n… and ${text.length - MOST_TEXT} more characters`;
}
