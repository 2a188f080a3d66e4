import { type Clock, pause } from "./clock.ts";
import { inWords } from "./log.ts";
import type { PartnerApi } from "./partner-api.ts";
import type { Payload } from "./payload.ts";
import { ReplyText } from "./reply-text.ts";
import type { Env, Reply, ReplyContext, ReplyResult } from "./reply-types.ts";

/** How a reply ended: whole, or with the code of its failure and what the logic threw, or why it was ended, in words. */
export type Outcome = { ok: true; metadata?: Record<string, unknown> } | { ok: false; code: FailureCode; error: unknown };

/** Why there is no whole reply: the logic threw, its time was up, or nobody waits for it any more. */
export type FailureCode = "reply_failed" | "reply_timeout" | "client_gone";

export interface RunOptions {
  readonly reply: Reply;
  readonly env: Env;
  readonly partnerApi?: PartnerApi | undefined;
  readonly clock: Clock;
  /** Milliseconds that the reply logic has. */
  readonly budgetMs: number;
  /** Gets what went wrong beside the reply, which is given all the same. */
  readonly warn: (code: string, message: string) => void;
}

/** A generator is not asked for its next piece while this many UTF-16 units wait to be sent. */
const ENOUGH_WAITING = 8192;
/** After this many pieces the timers get their turn: a generator that never waits would starve its own deadline. */
const PIECES_PER_TURN = 256;
/** How long a reply that was put off may go on once the process is about to end, in milliseconds. */
const DETACHED_GRACE_MS = 5000;

/**
 * One reply under way, whatever shape the author gave it: the text that came so far, and how it ended.
 *
 * A string that is ready at once costs no timer. Anything else runs until it ends, throws,
 * uses up its budget, or is stopped because nobody waits any more; then its signal fires and its `finally` runs.
 */
export class ReplyRun {
  /** Undefined while the reply is under way. */
  outcome: Outcome | undefined;
  /**
   * Resolves when the logic itself has come to its end, `finally` and all, which can be after the outcome. Never rejects.
   * Undefined where the reply was ready, or had failed, at once.
   */
  settled: Promise<void> | undefined;
  /** Whether the caller has had an answer, and the reply goes on without it. */
  isDetached = false;
  /** When the time is up, by the clock's uptime. */
  readonly deadline: number;
  readonly #clock: Clock;
  readonly #text = new ReplyText();
  #flowing = false;
  readonly #controller = new AbortController();
  #cancelBudget = () => {};
  readonly #outOfTime: string;
  readonly #warn: RunOptions["warn"];
  // Both exist only while somebody waits for them: most replies are there at once.
  #changed: PromiseWithResolvers<void> | undefined;
  #taken: PromiseWithResolvers<void> | undefined;

  constructor(payload: Payload, { reply, env, partnerApi, clock, budgetMs, warn }: RunOptions) {
    this.#clock = clock;
    this.#warn = warn;
    this.deadline = clock.uptime() + budgetMs;
    this.#outOfTime = `no whole reply in ${budgetMs} ms`;
    const context: ReplyContext = {
      ...payload,
      env,
      partnerApi,
      timeLeft: () => Math.max(0, this.deadline - clock.uptime()),
      signal: this.#controller.signal,
    };
    try {
      const result = reply(context);
      if (typeof result === "string") {
        this.#finish(result);
      } else {
        this.#cancelBudget = clock.after(budgetMs, () => this.#fail("reply_timeout", this.#outOfTime));
        this.settled = this.#consume(result).catch((error) => this.#fail("reply_failed", error));
      }
    } catch (error) {
      this.#fail("reply_failed", error);
    }
  }

  /** Lets the reply go on although the caller has had an answer: a hang-up no longer stops it. */
  detach(): void {
    this.isDetached = true;
  }

  /**
   * Ends a reply because this process is about to end: whoever waits gets the fallback text. A reply that was put off gets
   * a little longer, for it has been promised; what stops the process will not wait for its whole time.
   */
  giveUp(): void {
    const end = () => this.#cutOff("reply_failed", "the webhook was stopped");
    if (this.isDetached) this.#clock.after(DETACHED_GRACE_MS, end);
    else end();
  }

  /** Ends a reply that nobody waits for. */
  stop(): void {
    if (this.isDetached) return;
    this.#cutOff("client_gone", "the caller hung up");
  }

  /** Resolves when there is new text, or when the reply has ended. */
  get changed(): Promise<void> {
    return this.#text.waitingLength > 0 || this.outcome ? Promise.resolve() : this.#nextChange;
  }

  /** Resolves with how the reply ended, letting a generator run as fast as it can: for callers who want the whole. */
  async ended(): Promise<Outcome> {
    this.#flowing = true;
    this.#taken?.resolve();
    while (!this.outcome) await this.#nextChange;
    return this.outcome;
  }

  /** Takes all of the text that waits. */
  take(): string {
    return this.#take(this.#text.waitingLength);
  }

  /**
   * Takes the start of the text that waits, as much as `measure` asks for, in UTF-16 units; empty if there is none. What is
   * still there when the time is up is not sent any more: streaming a reply is part of its time.
   */
  takePiece(measure: (waiting: string) => number): string {
    if (this.#clock.uptime() > this.deadline) this.#cutOff("reply_timeout", this.#outOfTime);
    return this.#take(measure(this.#text.waiting));
  }

  #take(length: number): string {
    const text = this.#text.take(length);
    if (this.#text.waitingLength < ENOUGH_WAITING) this.#taken?.resolve();
    return text;
  }

  get #nextChange(): Promise<void> {
    this.#changed ??= Promise.withResolvers();
    return this.#changed.promise;
  }

  async #consume(promised: ReplyResult | Promise<ReplyResult>): Promise<void> {
    const result: unknown = await promised;
    if (typeof result === "string") return this.#finish(result);
    if (isAsyncIterable(result)) return this.#pump(result[Symbol.asyncIterator]());
    if (isRecord(result) && typeof result.reply === "string") {
      return this.#finish(result.reply, result.metadata === undefined ? undefined : this.#asJson(result.metadata));
    }
    throw new TypeError("the reply must be a string, { reply, metadata } or an async iterable of strings");
  }

  /** Metadata as it will leave. What cannot leave is left out, for the text is what the person waits for. */
  #asJson(metadata: unknown): Record<string, unknown> | undefined {
    let why = "it is not an object";
    try {
      const value: unknown = JSON.parse(JSON.stringify(metadata));
      if (isRecord(value)) return value;
    } catch (error) {
      why = inWords(error);
    }
    this.#warn("metadata_dropped", `The reply was given without its metadata: ${why}`);
    return undefined;
  }

  async #pump(pieces: AsyncIterator<unknown>): Promise<void> {
    try {
      for (let count = 1; !this.outcome; count++) {
        const { done, value } = await pieces.next();
        if (done) return this.#finish("");
        if (typeof value !== "string") throw new TypeError("a streamed reply must yield strings");
        this.#push(value);
        if (count % PIECES_PER_TURN === 0) await pause(this.#clock, 0);
        if (this.#text.waitingLength >= ENOUGH_WAITING && !this.#flowing) {
          this.#taken = Promise.withResolvers();
          await this.#taken.promise;
        }
      }
    } catch (error) {
      // At once: what follows may take as long as the generator likes.
      this.#fail("reply_failed", error);
    } finally {
      // A generator that was left half way runs its `finally` now. One that awaits something gets here when that settles,
      // which is what its signal is for.
      try {
        await pieces.return?.();
      } catch (error) {
        this.#warn("cleanup_failed", `The end of the reply's generator failed: ${inWords(error)}`);
      }
    }
  }

  #push(piece: string): void {
    if (this.outcome) return;
    this.#text.push(piece);
    // Nothing to send, nothing to tell: a heartbeat that is due must not be put off by a piece that was cleaned away.
    if (this.#text.waitingLength > 0) this.#notify();
  }

  #finish(lastPiece: string, metadata?: Record<string, unknown>): void {
    if (this.outcome) return;
    this.#text.finish(lastPiece);
    this.#end(metadata ? { ok: true, metadata } : { ok: true });
  }

  #fail(code: FailureCode, error: unknown): void {
    if (!this.outcome) this.#end({ ok: false, code, error });
  }

  /** Fails a reply, also one that is whole but of which some is still to be sent: that is dropped. */
  #cutOff(code: FailureCode, error: unknown): void {
    if (this.outcome?.ok && this.#text.waitingLength > 0) {
      this.#text.drop();
      this.#end({ ok: false, code, error });
    } else this.#fail(code, error);
  }

  #end(outcome: Outcome): void {
    this.outcome = outcome;
    this.#cancelBudget();
    if (!outcome.ok) this.#controller.abort();
    this.#taken?.resolve();
    this.#notify();
  }

  #notify(): void {
    this.#changed?.resolve();
    this.#changed = undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return isRecord(value) && Symbol.asyncIterator in value;
}
