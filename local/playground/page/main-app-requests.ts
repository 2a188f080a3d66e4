import { randomUUID } from "node:crypto";
import { saidIn } from "../../check/conversation.ts";
import { headerOf } from "../../http/answer-head.ts";
import { type Exchange, unanswered } from "../../http/exchange.ts";
import { explainArrival, oneAtATime } from "../../listen/arrived-signature.ts";
import { decodedAnswer } from "../../listen/decoded-answer.ts";
import type { Arrival, Front } from "../../listen/front.ts";
import { askedUrl, type Look, type PassedOn, passOn } from "../../listen/pass-on.ts";
import { shownHeaders } from "../../listen/saved-requests.ts";
import { PeerText } from "../../peer-text.ts";
import { NIL_ID, PATIENCE_MS } from "../../sender/main-app.ts";
import { LENGTH, type OutgoingRequest, SIGNATURE, signedFrom, TIME, withHeader } from "../../sender/outgoing-request.ts";
import { replacedText } from "../python/decode.ts";
import { testAnswer, testResultOf } from "../runs/test-button.ts";
import type { Store } from "../store/store.ts";
import type { ExchangeLog } from "./exchange-log.ts";
import type { LoggedExchange } from "./logged-exchange.ts";
import { MAIN_APP, type MessageView, type PageEvent, type State, type Verification } from "./protocol.ts";
import { arrivedSignatureView } from "./signature.ts";
import { isStream, isStreamHead } from "./stream-view.ts";
import { shortened } from "./views.ts";

export interface PassingOn {
  /** The webhook. */
  readonly to: URL;
  /** What the main app calls. */
  readonly paste: string;
  /** The App that has the webhook's secret. */
  readonly appId: string;
}

/** A timer may be early, and the main app's clock is another one. */
const ALMOST_MS = 500;
const NO_SECRET =
  "It was not verified: give this App the webhook's secret in its settings. The next request is verified with it.";
const COPIED: readonly (readonly [name: string, value: string])[] = [
  ["X-Timestamp", TIME],
  ["X-Signature", `sha256=${SIGNATURE}`],
  ["Content-Length", LENGTH],
];

/** Passes the requests of the real main app on to a webhook, and writes each down as an exchange of the thread {@link MAIN_APP}. */
export class MainAppRequests implements Front {
  readonly #store: Store;
  readonly #log: ExchangeLog;
  readonly #tell: (event: PageEvent) => void;
  readonly #passing: PassingOn;
  readonly #inTurn = oneAtATime();
  #count = 0;

  constructor(store: Store, log: ExchangeLog, tell: (event: PageEvent) => void, passing: PassingOn) {
    this.#store = store;
    this.#log = log;
    this.#tell = tell;
    this.#passing = passing;
  }

  get state(): State["mainApp"] {
    const { paste, to } = this.#passing;
    return { paste, to: to.href };
  }

  /** What the main app's users wrote. The newest, oldest first. */
  messages(limit: number, before = Number.POSITIVE_INFINITY): MessageView[] {
    const all = this.#log.ofThread(MAIN_APP).flatMap(({ beginning }) => beginning.message ?? []);
    return all.filter(({ seq }) => seq < before).slice(-limit);
  }

  async take(arrival: Arrival): Promise<void> {
    const secret = this.#store.app(this.#passing.appId)?.secret ?? "";
    const peer = new PeerText({ secret });
    // The main app only posts. A look at the webhook's page passes too.
    if (arrival.request.method !== "POST") return void (await passOn(arrival, this.#passing.to, peer));
    const entry = this.#begin(arrival, secret, peer);
    const look = this.#look(entry);
    const verified = this.#inTurn(() => verification(arrival, secret, peer));
    const [passed, verdict] = await Promise.all([passOn(arrival, this.#passing.to, peer, look), verified]);
    entry.verification = verdict;
    await this.#end(entry, passed);
  }

  notTaken({ request }: Omit<Arrival, "body">, why: string): void {
    const what = new PeerText({}).line(`${request.method} ${request.url}: ${why}`);
    console.error(`A request of the main app was not passed on: ${what}`);
  }

  #begin(arrival: Arrival, secret: string, peer: PeerText): LoggedExchange {
    const { request, body } = arrival;
    const header = (name: string) => request.headersDistinct[name]?.join(", ") ?? "";
    const threadId = header("x-thread-id");
    const timestamp = header("x-timestamp");
    const signature = header("x-signature");
    const id = randomUUID();
    const message: MessageView = {
      ...{ id, seq: ++this.#count, role: "user", source: "", createdAt: arrival.at.getTime() },
      content: shortened(saidIn(body.toString()) || `POST ${request.url}`),
    };
    const entry = this.#log.begin({
      ...{ id, messageId: id, message, threadId: MAIN_APP, appId: this.#passing.appId },
      route: threadId === NIL_ID ? "test" : "passed",
      sender: { appId: header("x-app-id"), threadId },
    });
    const asCame: OutgoingRequest = {
      ...{ url: askedUrl(request, this.#passing.to), method: "POST", body: [body] },
      headers: shownHeaders(request.rawHeaders, peer),
    };
    const isSigned = timestamp !== "" && signature !== "";
    const copied = COPIED.filter(([name]) => header(name.toLowerCase()) !== "");
    const again = copied.reduce((changed, [name, value]) => withHeader(changed, name, value), asCame);
    const head = asCame.headers.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const bytes = Buffer.concat([Buffer.from(`POST ${request.url} HTTP/1.1\r\n${head}\r\n`, "latin1"), body]);
    entry.keepRequest({ request: isSigned ? signedFrom(again) : asCame, bytes }, secret, PATIENCE_MS);
    if (isSigned && secret) entry.signature = arrivedSignatureView(body, timestamp, signature, secret);
    this.#tell({ type: "message", threadId: MAIN_APP, message });
    this.#log.changed(entry);
    return entry;
  }

  /** Follows a stream as it comes. A compressed one can be read when it is over. */
  #look(entry: LoggedExchange): Look {
    let streams = false;
    let isPlain = true;
    return {
      onHead: (head) => {
        streams = isStreamHead(head);
        isPlain = headerOf(head, "content-encoding") === undefined;
      },
      onPiece: (bytes, atMs) => {
        if (isPlain) this.#read(entry, Uint8Array.from(bytes), atMs, streams);
      },
    };
  }

  #read(entry: LoggedExchange, bytes: Uint8Array, atMs: number, streams: boolean): void {
    entry.keepRead(bytes, atMs);
    if (streams) this.#log.forwarded(entry, replacedText(bytes));
  }

  async #end(entry: LoggedExchange, passed: PassedOn): Promise<void> {
    const exchange = await decodedAnswer(asTheMainAppSaw(passed));
    if (exchange.answer && headerOf(exchange.answer, "content-encoding") !== undefined)
      for (const { bytes, atMs } of exchange.answer.pieces) this.#read(entry, bytes, atMs, isStream(exchange));
    entry.stopped = passed.callerHungUp && exchange.failure?.kind !== "timeout";
    entry.keepAnswer(exchange);
    if (entry.beginning.route === "test") {
      const seen = { latency_ms: Math.floor(passed.ms), signature_sent: /^x-signature:/im.test(entry.head) };
      entry.result = testAnswer(testResultOf(exchange, seen));
    }
    this.#log.end(entry);
  }
}

/** It hangs up after a silence of 8 s, or because somebody has pressed Stop. */
function asTheMainAppSaw({ exchange, callerHungUp, ms, failure }: PassedOn): Exchange {
  if (!callerHungUp) return exchange ?? unanswered({ kind: "unreachable", message: failure ?? "there is no answer" });
  const { longestSilenceMs, ...more } = exchange ?? { longestSilenceMs: ms, firstByteMs: undefined };
  const kind = longestSilenceMs >= PATIENCE_MS - ALMOST_MS ? "timeout" : "closed";
  return { ...more, longestSilenceMs, totalMs: ms, failure: { kind, message: "the main app hung up" } };
}

async function verification(arrival: Arrival, secret: string, peer: PeerText): Promise<Verification> {
  if (!secret) return { holds: null, faults: [], hints: [NO_SECRET] };
  const { valid, findings, hints } = await explainArrival(arrival, { secret, peer });
  // What is accepted is said by the form.
  const faults = findings.filter(({ accepted }) => !accepted).map(({ what, fix }) => ({ what, fix }));
  return { holds: valid, faults, hints };
}
