import { type Clock, pause } from "../clock.ts";
import { describeError } from "../error-text.ts";
import type { Exchange } from "../exchange.ts";
import { isRecord } from "../json-text.ts";
import type { Reply, ReplyContext, ReplyResult } from "../reply-types.ts";
import { GRACE_DEFERRED_MS } from "../time-line.ts";
import { ReplyText } from "./reply-text.ts";

/** Why the reply is not complete: the logic threw, its budget was used up, or the client hung up. */
export type FailureCode = "reply_failed" | "reply_timeout" | "client_gone";

/** The error that the logic threw, or a text that says why the reply was ended. */
export interface Failure {
  readonly code: FailureCode;
  readonly error: unknown;
}

/** How long a reply may take, in milliseconds, and the uptime at which that time began. */
export interface Budget {
  readonly budgetMs: number;
  readonly startedAt: number;
}

/** What reply logic gets, without the fields that the run adds. */
export type ReplyInput = Omit<ReplyContext, "signal" | "timeLeft">;

/** After this many pieces the timers get a turn. Without it, a generator that never waits would block its own deadline. */
const PIECES_PER_TURN = 256;

/**
 * One reply in progress, in any of its three shapes: its text so far, and how it ended.
 *
 * It runs until it is complete, throws, uses up its budget, or is ended because the client hung up or the process stops. If
 * it is ended early, its signal fires and its `finally` runs. A string that is ready at once costs no timer.
 */
export class ReplyRun {
  readonly text = new ReplyText();
  /** The end of the budget, by the clock's uptime. */
  readonly deadline: number;
  /** Why the text is not complete. Undefined while the reply is in progress, and if it ended well. */
  failure: Failure | undefined;
  metadata: Record<string, unknown> | undefined;
  /** Whether the caller got an answer without the reply. A hang-up then no longer ends the reply. */
  isDeferred = false;
  /**
   * Resolves when the logic has ended, after its `finally`. That can be later than the end of its text. Never rejects.
   * Undefined if the reply was ready, or had failed, at once.
   */
  readonly settled: Promise<void> | undefined;
  readonly #clock: Clock;
  readonly #budgetMs: number;
  readonly #exchange: Exchange;
  readonly #controller = new AbortController();
  #cancelBudget = () => {};

  constructor(reply: Reply, input: ReplyInput, { budgetMs, startedAt }: Budget, clock: Clock, exchange: Exchange) {
    this.#clock = clock;
    this.#budgetMs = budgetMs;
    this.#exchange = exchange;
    this.deadline = startedAt + budgetMs;
    const timeLeft = () => Math.max(0, this.deadline - clock.uptime());
    try {
      const result = reply({ ...input, timeLeft, signal: this.#controller.signal });
      if (typeof result === "string") this.text.close(result);
      else this.settled = this.#consume(result);
    } catch (error) {
      this.end("reply_failed", error);
    }
    if (!this.text.isClosed) this.#cancelBudget = clock.after(timeLeft(), () => this.#timeIsUp());
  }

  /** Ends the reply early. The first reason counts. If the reply is complete but not fully read, the rest is dropped. */
  end(code: FailureCode, error?: unknown): void {
    if (this.failure || this.text.isFullyRead) return;
    this.failure = { code, error };
    this.#cancelBudget();
    if (this.text.isClosed) this.text.drop();
    else this.text.stop();
    this.#controller.abort();
  }

  /** The client hung up. */
  hangUp(): void {
    if (!this.isDeferred) this.end("client_gone");
  }

  /**
   * This process is about to end, so the client gets the fallback text. A deferred reply gets a little longer, because it
   * was promised, but not its full budget: a process manager would not wait that long.
   */
  shutDown(): void {
    const end = () => this.end("reply_failed", "the webhook was stopped");
    if (this.isDeferred) this.#clock.after(GRACE_DEFERRED_MS, end);
    else end();
  }

  /** Reads text to be sent. Sending counts towards the budget: text that is left when it is used up is dropped. */
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
      this.end("reply_failed", error);
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
      // Before the cleanup below, which may take as long as the generator likes.
      this.end("reply_failed", error);
    } finally {
      // A generator that was ended early runs its `finally` now. If it awaits a promise, that must settle first: its signal
      // tells it to.
      try {
        await pieces.return?.();
      } catch (error) {
        this.#exchange.warn("cleanup_failed", `The cleanup of the reply's generator failed: ${describeError(error)}`);
      }
    }
  }

  /** The metadata as JSON can carry it. If JSON cannot, it is dropped, and the text is sent without it. */
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
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return isRecord(value) && Symbol.asyncIterator in value;
}
