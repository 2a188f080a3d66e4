import type { OnceStore } from "../../shared/once/store.ts";

const LEASE_MS = 60_000;

/** Milliseconds. */
export interface ClaimTimes {
  readonly first: readonly number[];
  readonly copy: readonly number[];
}

/** How many milliseconds the claims of new keys took, one after the other, and then those of the same keys, of which answers are kept. */
export async function claimTimes(store: OnceStore, count: number): Promise<ClaimTimes> {
  const keys = Array.from({ length: count }, () => `${Math.floor(Date.now() / 1000)}-${crypto.randomUUID()}`);
  const first: number[] = [];
  const copy: number[] = [];
  for (const key of keys) {
    const startedAt = performance.now();
    const claim = await store.claim(key, LEASE_MS);
    first.push(performance.now() - startedAt);
    if (typeof claim !== "object" || !("token" in claim)) throw new Error("a new key was not free");
    await store.keep(key, claim.token, '{"reply":"hello"}', LEASE_MS);
  }
  for (const key of keys) {
    const startedAt = performance.now();
    await store.claim(key, LEASE_MS);
    copy.push(performance.now() - startedAt);
  }
  return { first, copy };
}
