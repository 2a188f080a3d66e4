import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { askWithin } from "../outside-service.ts";
import type { OnceStore } from "./store.ts";

/** How long the store may take, in milliseconds. It is a part of the reply's budget. */
const ASK_MS = 1000;
/** For so long, in milliseconds, a store that has failed is not asked about new requests. */
const REST_MS = 5000;

/**
 * Asks the store. Undefined if it failed or took too long. If it did so a moment ago, it is asked only if it `knows` the
 * request: that another one runs, or that this one does.
 */
export type AskStore = <T>(
  exchange: Exchange,
  question: (store: OnceStore) => Promise<T>,
  knows?: boolean,
) => Promise<T | undefined>;

/** A store that is down, slow or broken never stops a reply: the log says that it was left out. */
export function createAskStore(store: OnceStore, clock: Clock): AskStore {
  let restsUntil = 0;
  return async (exchange, question, knows) => {
    if (!knows && clock.uptime() < restsUntil) return undefined;
    const asked = await askWithin(clock, ASK_MS, () => question(store));
    if ("answer" in asked) return asked.answer;
    restsUntil = clock.uptime() + REST_MS;
    exchange.warn("once_skipped", `A copy may not get this answer: ${asked.failure}`);
    return undefined;
  };
}
