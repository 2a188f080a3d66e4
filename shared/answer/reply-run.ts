import { type Clock, pause } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { describeError } from "../log.ts";
import type { Reply, ReplyContext, ReplyResult } from "../reply-types.ts";
import { GRACE_DEFERRED_MS } from "../time-line.ts";
import { ReplyText } from "./reply-text.ts";

/** Why there is no whole reply: the logic threw, its time was up, or nobody waits for it any more. */
export type FailureCode = "reply_failed" | "reply_timeout" | "client_gone";

/** What the logic threw, or why it was ended, in words. */
export interface Failure {
  readonly code: FailureCode;
  readonly error: unknown;
}

/** What reply logic gets, but for what the run itself adds to it. */
export type ReplyInput = Omit<ReplyContext, "signal" | "timeLeft">;

/** After this many pieces the timers get their turn: a generator that never waits would starve its own deadline. */
const PIECES_PER_TURN = 256;

/**
 * One reply under way, whatever shape its author gave it: its text as it comes, and how it ended.
 *
 * It runs until it is whole, throws, uses up its budget, or is ended because nobody waits any more; then its signal fires
 * and its `finally` runs. A string that is ready at once costs no timer.
 */
export class ReplyRun {
  readonly text = new ReplyText();
  /** When the time is up, by the clock's uptime. */
  readonly deadline: number;
  /** Why the text is not whole. Undefined while the reply is under way, and when it ended well. */
  failure: Failure | undefined;
  metadata: Record<string, unknown> | undefined;
  /** Set once the caller has had an answer: the reply goes on without it, and a hang-up no longer ends it. */
  isDeferred = false;
  /**
   * Resolves when the logic itself has come to its end, `finally` and all, which can be after its text was closed. Never
   * rejects. Undefined where the reply was ready, or had failed, at once.
   */
  readonly settled: Promise<void> | undefined;
  readonly #clock: Clock;
  readonly #budgetMs: number;
  readonly #exchange: Exchange;
  readonly #controller = new AbortController();
  #cancelBudget = () => {};

  constructor(reply: Reply, input: ReplyInput, budgetMs: number, clock: Clock, exchange: Exchange) {
    this.#clock = clock;
    this.#budgetMs = budgetMs;
    this.#exchange = exchange;
    this.deadline = clock.uptime() + budgetMs;
    const timeLeft = () => Math.max(0, this.deadline - clock.uptime());
    try {
      const result = reply({ ...input, timeLeft, signal: this.#controller.signal });
      if (typeof result === "string") this.text.close(result);
      else this.settled = this.#consume(result);
    } catch (error) {
      this.end("reply_failed", error);
    }
    if (!this.text.isClosed) this.#cancelBudget = clock.after(budgetMs, () => this.#timeIsUp());
  }

  /** Ends the reply early; the first reason counts. Of one that is whole, but not read to its end, the rest is dropped. */
  end(code: FailureCode, error: unknown): void {
    if (this.failure || this.text.isFullyRead) return;
    this.failure = { code, error };
    this.#cancelBudget();
    if (this.text.isClosed) this.text.drop();
    else this.text.stop();
    this.#controller.abort();
  }

  /** Nobody waits for the reply any more. */
  hangUp(): void {
    if (!this.isDeferred) this.end("client_gone", "the caller hung up");
  }

  /**
   * This process is about to end: whoever waits gets the fallback text. A deferred reply gets a little longer, for it has
   * been promised; what stops the process will not wait for its whole time.
   */
  shutDown(): void {
    const end = () => this.end("reply_failed", "the webhook was stopped");
    if (this.isDeferred) this.#clock.after(GRACE_DEFERRED_MS, end);
    else end();
  }

  /** Reads text to be sent. What is left when the time is up is not sent any more: streaming a reply is part of its time. */
  readPiece(measure: (unread: string) => number): string {
    if (this.#clock.uptime() > this.deadline) this.#timeIsUp();
    return this.text.read(measure);
  }

  #timeIsUp(): void {
    this.end("reply_timeout", `no whole reply in ${this.#budgetMs} ms`);
  }

  async #consume(promised: ReplyResult | Promise<ReplyResult>): Promise<void> {
    try {
      const result: unknown = await promised;
      if (typeof result === "string") this.#finish(result);
      else if (isAsyncIterable(result)) await this.#pump(result[Symbol.asyncIterator]());
      else if (isRecord(result) && typeof result.reply === "string") {
        this.metadata = result.metadata === undefined ? undefined : this.#asJson(result.metadata);
        this.#finish(result.reply);
      } else throw new TypeError("the reply must be a string, { reply, metadata } or an async iterable of strings");
    } catch (error) {
      this.#failed(error);
    }
  }

  async #pump(pieces: AsyncIterator<unknown>): Promise<void> {
    try {
      for (let count = 1; !this.text.isClosed; count++) {
        const { done, value } = await pieces.next();
        if (done) return this.#finish("");
        if (typeof value !== "string") throw new TypeError("a streamed reply must yield strings");
        const readerIsBehind = this.text.write(value);
        if (count % PIECES_PER_TURN === 0) await pause(this.#clock, 0);
        if (readerIsBehind) await readerIsBehind;
      }
    } catch (error) {
      // At once: what follows may take as long as the generator likes.
      this.#failed(error);
    } finally {
      // A generator that was left half way runs its `finally` now. One that awaits something gets here when that settles,
      // which is what its signal is for.
      try {
        await pieces.return?.();
      } catch (error) {
        this.#exchange.warn("cleanup_failed", `The end of the reply's generator failed: ${describeError(error)}`);
      }
    }
  }

  /** Metadata as it will leave. What cannot leave is left out, for the text is what the person waits for. */
  #asJson(metadata: unknown): Record<string, unknown> | undefined {
    let why = "it is not an object";
    try {
      const value: unknown = JSON.parse(JSON.stringify(metadata));
      if (isRecord(value)) return value;
    } catch (error) {
      why = describeError(error);
    }
    this.#exchange.warn("metadata_dropped", `The reply was given without its metadata: ${why}`);
    return undefined;
  }

  #finish(lastPiece: string): void {
    this.text.close(lastPiece);
    this.#cancelBudget();
  }

  /** What is thrown after the text was closed changes nothing: it was whole, or it was ended for another reason. */
  #failed(error: unknown): void {
    if (!this.text.isClosed) this.end("reply_failed", error);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return isRecord(value) && Symbol.asyncIterator in value;
}
