import type { Behaviour } from "./base.ts";

/** One mistake in an otherwise correct webhook, and the check that catches it. */
export interface Defect {
  readonly caughtBy: string;
  readonly mistake: string;
  readonly changes: Partial<Behaviour>;
  /** Checks that must run before, because `caughtBy` looks at their answers. */
  readonly after?: string;
}

/** Closes every connection and the port, as if the process ended. */
export const crash: Behaviour["failed"] = (_answer, _error, server) => {
  server.closeAllConnections();
  server.close();
};

export const withReply = (reply: Behaviour["reply"]): Partial<Behaviour> => ({ reply });
