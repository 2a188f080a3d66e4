import type { Webhook } from "./webhook.ts";

export type Level = "MUST" | "SHOULD";
export const GROUPS = ["contract", "text", "signature", "hostile", "stream", "load"] as const;
export type Group = (typeof GROUPS)[number];

/** What a check cannot do without. Where it is missing, the check is skipped and the reason said. */
export type Need = "secret" | "stream" | "echo";

/** One promise of the contract, and how to find out whether a webhook keeps it. */
export interface Check {
  readonly id: string;
  readonly level: Level;
  readonly name: string;
  /** What is sent, and what has to come back, in words. */
  readonly sends: string;
  readonly expects: string;
  /** One sentence on how to mend a webhook that fails this. */
  readonly fix: string;
  /** The most requests that it sends. */
  readonly requests: number;
  readonly needs?: readonly Need[];
  /** Resolves if the promise is kept; throws {@link Broken} or {@link Skipped} otherwise. */
  run(webhook: Webhook): Promise<void>;
}

export type Outcome = "pass" | "warn" | "fail" | "skip";

export interface Result {
  readonly check: Check & { readonly group: Group };
  readonly outcome: Outcome;
  readonly ms: number;
  /** Why it was skipped. */
  readonly reason?: string;
  readonly problem?: ProblemFound;
  /** Status and main headers of the answers, each different one once. */
  readonly seen: readonly string[];
}

/** A promise that was not kept. */
export interface ProblemFound {
  readonly sent: string;
  readonly expected: string;
  readonly came: string;
  readonly fix: string;
  /** Shell commands that send it again. */
  readonly reproduce?: string;
}
