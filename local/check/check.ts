import type { Webhook } from "./webhook.ts";

export type Level = "MUST" | "SHOULD";
export const GROUPS = ["contract", "text", "signature", "hostile", "stream", "load"] as const;
export type Group = (typeof GROUPS)[number];

/** A condition of a check. If it is missing, the check is skipped with a reason. */
export type Need = "secret" | "stream" | "echo";

/** One promise of the contract, and the test whether a webhook keeps it. */
export interface Check {
  readonly id: string;
  readonly level: Level;
  readonly name: string;
  /**
   * What a hostile stranger could do if the promise is not kept, as the end of "A hostile stranger could". Without it, the main app,
   * or the person in its chat, is let down.
   */
  readonly risk?: string;
  /** The request and the expected answer, in words. */
  readonly sends: string;
  readonly expects: string;
  /** One sentence on how to fix a webhook that fails this check. */
  readonly fix: string;
  /** A check whose failure makes this one fail too. The report says them together. */
  readonly follows?: string;
  /** The most requests that the check sends. */
  readonly requests: number;
  readonly needs?: readonly Need[];
  /** Runs after all others: it looks at their answers, or it may end a webhook that passes them. */
  readonly last?: true;
  /** Resolves if the promise is kept. Else it rejects with {@link Broken} or {@link Skipped}. */
  run(webhook: Webhook): Promise<void>;
}

/** `known`: it failed, as the baseline says. */
export type Outcome = "pass" | "warn" | "fail" | "known" | "skip";

export interface Result {
  readonly check: Check & { readonly group: Group };
  readonly outcome: Outcome;
  readonly ms: number;
  /** Why it was skipped. */
  readonly reason?: string;
  readonly problem?: ProblemFound;
  /** Status and main headers of the answers, without duplicates. */
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
  /** Replaces the check's own `follows`. */
  readonly follows?: string;
}
