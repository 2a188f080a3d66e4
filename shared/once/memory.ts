import type { Clock } from "../clock.ts";
import type { Claim, OnceStore } from "./store.ts";

/** The most keys, and the most characters of all kept answers. Beyond either, the oldest entries are removed. */
const MAX_ENTRIES = 10_000;
const MAX_CHARACTERS = 16_777_216;

interface Entry {
  readonly token: string;
  readonly until: number;
  readonly answer?: string;
}

/** A store in the memory of one process. It is empty after a restart, and other processes do not see it. */
export function memoryStore(clock: Clock): OnceStore {
  // The oldest entry comes first.
  const entries = new Map<string, Entry>();
  let characters = 0;
  let claims = 0;

  const remove = (key: string) => {
    characters -= entries.get(key)?.answer?.length ?? 0;
    entries.delete(key);
  };
  const put = (key: string, entry: Entry) => {
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
      const entry = entries.get(key);
      if (entry && entry.until > clock.uptime()) return entry.answer === undefined ? "running" : { answer: entry.answer };
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
