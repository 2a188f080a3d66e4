import { type Clock, pause } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { isRecord, stringifyJson } from "../json-text.ts";
import type { Store, StoredReply } from "../partner-api/store-reply.ts";
import type { Reply, ReplyResult, ReplyWithMetadata } from "../reply-types.ts";
import type { AskStore } from "./ask-store.ts";

/** Twice the tolerance of a timestamp, in milliseconds. After that, the timestamp refuses a copy. */
const KEEP_MS = 600_000;
/** The pauses of a copy that waits, in milliseconds. Each is twice as long as the one before, up to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** The longest answer to keep, in UTF-16 units of its JSON: at most 1 MB in UTF-8. */
const MAX_LENGTH = 333_333;
const TOO_LONG: KeptAnswer = { reply: "This message was answered already. The answer is too long to keep." };

/** What a request answered. Its copies are answered the same. */
export interface KeptAnswer extends ReplyWithMetadata {
  /** Where the reply was stored in its thread. */
  readonly stored?: StoredReply | undefined;
}

/**
 * A request's turn to run the reply logic. The first request with a key runs it. A copy gets that answer, and waits for it if
 * need be. If the first failed, or died and its lease is over, a copy that waits runs the logic.
 */
export class Turn {
  /** Whether an earlier request has the same key, so that this one costs nothing. */
  isCopy = false;
  readonly #ask: AskStore;
  readonly #key: string;
  readonly #leaseMs: number;
  readonly #clock: Clock;
  readonly #exchange: Exchange;
  #claiming: Promise<unknown> | undefined;
  #storing: Promise<StoredReply | undefined> | undefined;
  #kept: KeptAnswer | undefined;

  constructor(ask: AskStore, key: string, leaseMs: number, clock: Clock, exchange: Exchange) {
    this.#ask = ask;
    this.#key = key;
    this.#leaseMs = leaseMs;
    this.#clock = clock;
    this.#exchange = exchange;
  }

  /** Claims the key. If the store fails, the request is a first one. */
  async begin(): Promise<void> {
    this.isCopy = !(await this.#isFirst());
  }

  /** The reply logic, or for a copy the answer of the first. */
  reply(logic: Reply): Reply {
    if (!this.isCopy) return logic;
    return async (context): Promise<ReplyResult> => {
      for (let pauseMs = FIRST_PAUSE_MS; !this.#kept; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
        await pause(this.#clock, pauseMs);
        if (context.signal.aborted) return "";
        if (await this.#isFirst()) return logic(context);
      }
      return this.#kept;
    };
  }

  /** Stores a reply in its thread, unless the first has done so. */
  store(store: Store): Store {
    return (text, deadline) => {
      this.#storing = this.#kept ? Promise.resolve(this.#kept.stored) : store(text, deadline);
      return this.#storing;
    };
  }

  /** Keeps the answer for copies. Without one, the next request with the key runs the logic again. */
  async end(answer: KeptAnswer | undefined): Promise<void> {
    const claiming = this.#claiming;
    // A claim that was too late for the reply can be in time for this.
    const claim = claiming && (await this.#ask(this.#exchange, () => claiming));
    if (!isRecord(claim) || typeof claim.token !== "string") return;
    const { token } = claim;
    const json = answer && jsonOf({ ...answer, stored: await this.#storing });
    await this.#ask(this.#exchange, (store) =>
      json ? store.keep(this.#key, token, json, KEEP_MS) : store.release(this.#key, token),
    );
  }

  /** Whether to run the logic: nobody else does, or the store does not know. If an answer is kept, it is read. */
  async #isFirst(): Promise<boolean> {
    const claim: unknown = await this.#ask(this.#exchange, (store) => {
      this.#claiming = store.claim(this.#key, this.#leaseMs);
      return this.#claiming;
    });
    if (claim === "running") return false;
    this.#kept = isRecord(claim) ? keptAnswer(claim.answer) : undefined;
    this.#exchange.isCopy = this.#kept !== undefined;
    return !this.#kept;
  }
}

function jsonOf(answer: KeptAnswer): string {
  const json = stringifyJson(answer);
  return json.length > MAX_LENGTH ? JSON.stringify(TOO_LONG) : json;
}

/** Undefined if what the store has is not what {@link jsonOf} made. */
function keptAnswer(json: unknown): KeptAnswer | undefined {
  try {
    const answer: unknown = JSON.parse(json as string);
    return isRecord(answer) && typeof answer.reply === "string" ? (answer as object as KeptAnswer) : undefined;
  } catch {
    return undefined;
  }
}
