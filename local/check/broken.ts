import type { Level } from "./check.ts";
import type { Sent } from "./webhook.ts";

export interface BrokenDetails {
  /** The request and answer that show the broken promise. */
  readonly by?: Sent;
  /** Replaces the check's own level. So do the fields below. */
  readonly level?: Level;
  readonly follows?: string;
  readonly sent?: string;
  readonly expected?: string;
  readonly fix?: string;
}

/** The webhook did not keep a check's promise. `message` describes the answer. */
export class Broken extends Error {
  readonly details: BrokenDetails;
  constructor(came: string, details: BrokenDetails = {}) {
    super(came);
    this.details = details;
  }
}

/** A check found nothing to check. `message` says why. */
export class Skipped extends Error {}

/** The webhook stopped answering: no other check can run. */
export class Dead extends Broken {}
