import type { Behaviour } from "./base.ts";

/** One mistake in an otherwise correct webhook, and the check that is there to catch it. */
export interface Defect {
  readonly caughtBy: string;
  readonly mistake: string;
  readonly changes: Partial<Behaviour>;
  /** Checks that have to run before, because the one that catches looks at their answers. */
  readonly after?: string;
}

/** Lets go of every connection and the port, as a process that ends. */
export const crash: Behaviour["failed"] = (_answer, _error, server) => {
  server.closeAllConnections();
  server.close();
};

export const withReply = (reply: Behaviour["reply"]): Partial<Behaviour> => ({ reply });
