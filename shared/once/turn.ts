import { type Clock, pause } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { isRecord, stringifyJson } from "../json-text.ts";
import { askWithin } from "../outside-service.ts";
import type { Store, StoredReply } from "../partner-api/store-reply.ts";
import type { Reply, ReplyWithMetadata } from "../reply-types.ts";
import type { AskStore } from "./ask-store.ts";
import type { OnceStore } from "./store.ts";

/** Twice the tolerance of a timestamp, in milliseconds. After that, the timestamp refuses a copy. */
const KEEP_MS = 600_000;
/** The pauses of a copy that waits, in milliseconds. Each is twice as long as the one before, up to the longest. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2000;
/** How long after the reply a claim may still be answered, in milliseconds. */
const LATE_CLAIM_MS = 5000;
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
 * need be. If the first failed, was refused, or died and its lease is over, a copy that waits runs the logic.
 */
export interface Turn {
  /** Claims the key. Whether an earlier request has it, so that this one is a copy. If the store fails, it is none. */
  begin(): Promise<boolean>;
  /** The reply logic, or for a copy the answer of the first. A copy runs the logic only if `mayRun` allows it. */
  reply(logic: Reply, mayRun: (() => Promise<boolean>) | undefined): Reply;
  /** Stores a reply in its thread, unless the first has done so. */
  store(store: Store): Store;
  /** Keeps the answer for copies. Without one, the next request with the key runs the logic again. */
  end(answer: KeptAnswer | undefined): Promise<void>;
}

/** The turn of a request with this key. A holder that says nothing for `leaseMs` milliseconds counts as dead. */
export function createTurn(ask: AskStore, key: string, leaseMs: number, clock: Clock, exchange: Exchange): Turn {
  let isCopy = false;
  let claiming: Promise<unknown> | undefined;
  let kept: KeptAnswer | undefined;
  let storing: Promise<StoredReply | undefined> | undefined;

  /** Whether to run the logic: nobody else does, or the store does not know. If an answer is kept, it is read. */
  const isFirst = async () => {
    const question = (store: OnceStore) => (claiming = store.claim(key, leaseMs));
    const claim: unknown = await ask(exchange, question, isCopy);
    kept = isRecord(claim) ? keptAnswer(claim.answer) : undefined;
    exchange.isCopy = !!kept;
    return claim !== "running" && !kept;
  };

  return {
    async begin() {
      isCopy = !(await isFirst());
      return isCopy;
    },
    reply(logic, mayRun) {
      if (!isCopy) return logic;
      return async (context) => {
        for (let pauseMs = FIRST_PAUSE_MS; !kept; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
          await pause(clock, pauseMs);
          const isItsTurn = !context.signal.aborted && (await isFirst());
          // Nobody waits any more. If the turn has come meanwhile, `end` gives it up.
          if (context.signal.aborted) return "";
          if (!isItsTurn) continue;
          if (mayRun && !(await mayRun())) throw new Error("rate limited");
          return logic(context);
        }
        return kept;
      };
    },
    store(store) {
      return async (text, deadline) => {
        if (kept) return kept.stored;
        storing = store(text, deadline);
        return storing;
      };
    },
    async end(answer) {
      // A claim that was too late for the reply can be in time for this.
      const asked = await askWithin(clock, LATE_CLAIM_MS, async () => claiming);
      const claim: unknown = "answer" in asked && asked.answer;
      if (!isRecord(claim) || typeof claim.token !== "string") return;
      const { token } = claim;
      const json = answer && jsonOf({ ...answer, stored: await storing });
      const question = (store: OnceStore) => (json ? store.keep(key, token, json, KEEP_MS) : store.release(key, token));
      await ask(exchange, question, true);
    },
  };
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
