import type { Level } from "./check.ts";
import type { Sent } from "./webhook.ts";

export interface BrokenDetails {
  /** The request and answer that show it. */
  readonly by?: Sent;
  /** Where not the check's own. */
  readonly level?: Level;
  readonly sent?: string;
  readonly expected?: string;
  readonly fix?: string;
}

/** A check's promise was not kept: `message` says what came. */
export class Broken extends Error {
  readonly details: BrokenDetails;
  constructor(came: string, details: BrokenDetails = {}) {
    super(came);
    this.details = details;
  }
}

/** A check turned out to have nothing to check: `message` says why. */
export class Skipped extends Error {}

/** The webhook stopped answering: there is no use in going on. */
export class Dead extends Broken {}
