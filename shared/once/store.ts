/**
 * What a store says of a key: it is the caller's now (and the token proves it), its answer is kept, or another request runs.
 */
export type Claim = { readonly token: string } | { readonly answer: string } | "running";

/** What a store has of a key: until when a claim or its answer lasts, and what was answered. */
export interface Entry {
  /** By the store's clock, in milliseconds. */
  readonly until: number;
  readonly answer?: string;
}

/** What a store says of an entry to another caller. Undefined if that caller may have the key: nothing lasts any more. */
export function claimOn(entry: Entry | undefined, now: number): Claim | undefined {
  if (!entry || entry.until <= now) return undefined;
  return entry.answer === undefined ? "running" : { answer: entry.answer };
}

/**
 * Where requests and their answers are kept, so that a signed request runs the reply logic once. A key is plain ASCII: the
 * timestamp in Unix seconds, a hyphen, and 64 hex digits.
 *
 * Each method may reject, take long or answer anything: the reply then runs as if there were no store.
 */
export interface OnceStore {
  /**
   * Claims the key for `leaseMs` milliseconds, in one atomic step: of any number of callers at once, one gets a token. A claim
   * that is older than its lease counts as none, because its holder may have died.
   */
  claim(key: string, leaseMs: number): Promise<Claim>;
  /** Keeps the answer for `keepMs` milliseconds. Does nothing if the claim is another's by now. */
  keep(key: string, token: string, answer: string, keepMs: number): Promise<void>;
  /** Gives up the claim, so that the next caller gets it. Does nothing if the claim is another's by now. */
  release(key: string, token: string): Promise<void>;
}
