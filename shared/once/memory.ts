import type { Clock } from "../clock.ts";
import { type Claim, claimOn, type Entry, type OnceStore } from "./store.ts";

/** The most keys, and the most characters of all kept answers. Beyond either, the oldest entries are removed. */
const MAX_ENTRIES = 10_000;
const MAX_CHARACTERS = 16_777_216;

interface HeldEntry extends Entry {
  readonly token: string;
}

/** A store in the memory of one process. It is empty after a restart, and other processes do not see it. */
export function memoryStore(clock: Clock): OnceStore {
  // The oldest entry comes first.
  const entries = new Map<string, HeldEntry>();
  let characters = 0;
  let claims = 0;

  const remove = (key: string) => {
    characters -= entries.get(key)?.answer?.length ?? 0;
    entries.delete(key);
  };
  const put = (key: string, entry: HeldEntry) => {
    remove(key);
    entries.set(key, entry);
    characters += entry.answer?.length ?? 0;
    for (const [oldest, { until }] of entries) {
      if (until > clock.uptime() && entries.size <= MAX_ENTRIES && characters <= MAX_CHARACTERS) break;
      remove(oldest);
    }
  };
  const isHeldBy = (key: string, token: string) => entries.get(key)?.token === token;

  return {
    async claim(key, leaseMs): Promise<Claim> {
      const others = claimOn(entries.get(key), clock.uptime());
      if (others) return others;
      const token = String(++claims);
      put(key, { token, until: clock.uptime() + leaseMs });
      return { token };
    },
    async keep(key, token, answer, keepMs) {
      if (isHeldBy(key, token)) put(key, { token, until: clock.uptime() + keepMs, answer });
    },
    async release(key, token) {
      if (isHeldBy(key, token)) remove(key);
    },
  };
}
