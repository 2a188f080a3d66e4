import { exchangeOnce } from "../../http/connection.ts";
import type { Exchange } from "../../http/exchange.ts";
import { LIMITS } from "../../http/limits.ts";
import { DashboardReader } from "../../sender/dashboard-reader.ts";
import { NIL_ID, PATIENCE_MS } from "../../sender/main-app.ts";
import { wireBytes } from "../../sender/outgoing-request.ts";
import { reportMistake } from "../http-error.ts";
import { testPayloadJson, webhookRequest } from "../payload.ts";
import { replacedText } from "../python/decode.ts";
import { microsecondsNow } from "../python/time.ts";
import { simulated } from "../runs/simulator.ts";
import { streamedRun } from "../runs/streamed-run.ts";
import { syncRun } from "../runs/sync-run.ts";
import { testButton } from "../runs/test-button.ts";
import type { RunContext } from "../runs/thread-run.ts";
import type { App, Message, Thread } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { calledUrl } from "../webhook-url.ts";
import { textOf } from "./answer-words.ts";
import { BREAKS_OF_SIGNATURE, distortionOf, expectationOf, MANY_LANGUAGES } from "./breaks.ts";
import type { ExchangeLog } from "./exchange-log.ts";
import type { LoggedExchange } from "./logged-exchange.ts";
import { PageError } from "./page-error.ts";
import type { Break, Sending, Verdict } from "./protocol.ts";

const TEST_MESSAGE = "Hello";
/** A copy, or a look whether the webhook still answers, waits at most this long for the whole answer. */
const LONGEST_COPY_MS = 30_000;

/** Sends messages as the dashboard does, through the functions of the main app's API, and writes down what comes of it. */
export class Sender {
  readonly #store: Store;
  readonly #log: ExchangeLog;

  constructor(store: Store, log: ExchangeLog) {
    this.#store = store;
    this.#log = log;
  }

  /** Stores the message and begins the run. Throws a {@link PageError}, or NotStorable. */
  send(app: App, thread: Thread, { text, route = "stream", break: kind }: Sending): { message: Message; exchange: string } {
    if (kind) refuseSenseless(kind, app, route);
    const content = kind === "non-ascii" ? `${text} ${MANY_LANGUAGES}` : text;
    const message = this.#store.addMessage(thread.id, { role: "user", content });
    const isSimulated = simulated(app) !== undefined;
    const entry = this.#log.begin({
      ...{ route, appId: app.id, threadId: thread.id, messageId: message.id },
      ...{ simulated: isSimulated, break: kind },
    });
    const context: RunContext = {
      store: this.#store,
      observe: (event) => this.#log.note(entry, event),
      ...(kind && { distort: distortionOf(kind) }),
    };
    const run = route === "run" ? syncRun(context, app, thread) : this.#stream(context, app, thread, entry);
    void this.#ended(entry, run, () => (kind ? this.#expected(kind, app, entry) : undefined));
    return { message, exchange: entry.beginning.id };
  }

  /** The Test button. */
  test(app: App): string {
    const entry = this.#log.begin({ route: "test", appId: app.id, threadId: NIL_ID, messageId: null });
    const context: RunContext = { store: this.#store, observe: (event) => this.#log.note(entry, event) };
    const run = testButton(context, app, app.webhookUrl ?? "", TEST_MESSAGE).then((result) => {
      entry.result ||= result;
    });
    void this.#ended(entry, run, () => undefined);
    return entry.beginning.id;
  }

  async #ended(
    entry: LoggedExchange,
    run: Promise<unknown>,
    expected: () => Promise<Verdict["expected"]> | undefined,
  ): Promise<void> {
    try {
      await run;
    } catch (error) {
      reportMistake(error);
      entry.error ??= (error as Error).message;
    }
    try {
      this.#log.end(entry, await expected());
    } catch (error) {
      reportMistake(error);
      this.#log.end(entry);
    }
  }

  /** Reads the stream as the chat does: nobody waits for the next piece. */
  async #stream(context: RunContext, app: App, thread: Thread, entry: LoggedExchange): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    const breakOff = (error: unknown) => {
      failure = { error };
      void reader.cancel();
    };
    const reader = streamedRun(context, app, thread, breakOff).getReader();
    entry.stop = () => {
      if (entry.over) return;
      entry.stopped = true;
      void reader.cancel();
    };
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      // What comes of a webhook is written down when it comes, as the result of the run.
      if (entry.beginning.simulated) this.#log.forwarded(entry, Buffer.from(value).toString());
      if (entry.beginning.break === "hang-up" && entry.text !== "") entry.stop();
    }
    if (failure) throw failure.error;
    if (!entry.beginning.simulated) await entry.answered;
  }

  async #expected(kind: Break, app: App, entry: LoggedExchange): Promise<Verdict["expected"]> {
    const { exchange, bytes, request, quote } = entry;
    if (!exchange || !bytes || !request) return undefined;
    // Asked for at the end: the copy may store a message too.
    const outcome = () => ({ exchange, text: replyText(exchange), posts: entry.posted.length, quote });
    if (kind !== "twice" && kind !== "hang-up") return expectationOf(kind, outcome());
    const again = kind === "twice" ? bytes : this.#nextMessage(app);
    const copy = await exchangeOnce(request.url, again, request.method, {
      ...{ idleMs: PATIENCE_MS, totalMs: LONGEST_COPY_MS, limits: LIMITS },
      hangUpAfterFirstPiece: kind === "hang-up",
    });
    return expectationOf(kind, { ...outcome(), copy: { exchange: copy, text: replyText(copy) } });
  }

  /** A message of the Test button: it belongs to no thread. */
  #nextMessage(app: App): Uint8Array {
    const at = microsecondsNow();
    const json = testPayloadJson(app, TEST_MESSAGE, at);
    const url = calledUrl(app.webhookUrl ?? "") as URL;
    const request = webhookRequest({ url, appId: app.id, threadId: NIL_ID, json, secret: app.secret, at });
    return wireBytes(request, app.secret ?? undefined);
  }
}

function refuseSenseless(kind: Break, app: App, route: Sending["route"]): void {
  if (simulated(app)) throw new PageError(400, "The simulator calls no webhook: choose the mode Webhook, and give its URL.");
  if (BREAKS_OF_SIGNATURE.includes(kind) && !app.secret)
    throw new PageError(400, "This App has no secret, so its requests are not signed: give it the webhook's secret first.");
  if (kind === "hang-up" && route === "run") throw new PageError(400, "Only a stream can be hung up: choose the stream.");
}

/** The text of a stream, as far as a person sees it, or the body. Of a refusal only the status counts. */
function replyText({ answer }: Exchange): string {
  if (answer?.status !== 200) return "";
  const reader = new DashboardReader();
  reader.read(replacedText(answer.body));
  return reader.shown.text || textOf(answer.body);
}
