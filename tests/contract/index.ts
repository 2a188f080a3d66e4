import { afterAll, beforeAll, describe } from "vitest";
import type { TestEnv, TestTarget } from "../support/target.ts";
import { answerPromises } from "./answers.ts";
import { badInputPromises } from "./bad-input.ts";
import { routePromises } from "./routes.ts";
import { signaturePromises } from "./signature.ts";
import { streamPromises } from "./stream.ts";
import { vectorPromises } from "./vectors.ts";

/** A way to start the webhook with an environment, and to stop it again. */
export interface TargetStarter {
  name: string;
  /**
   * Whether body bytes arrive as they were sent. Netlify's local runtime hands them over as text, so what is not text
   * has changed on the way and its signature no longer holds: refused all the same, but as a mismatch.
   */
  changesBytes?: boolean;
  /** Whether it does not tell a function that its client went away, as `netlify dev` does not: the budget ends the reply there. */
  missesHangUps?: boolean;
  /** Whether it has no /openapi.json. */
  withoutOpenApi?: boolean;
  /** Whether its page has no style, and its URLs are those of its own port, whatever Host says. */
  plainPage?: boolean;
  /** Whether its JSON parser refuses deep nesting. */
  shallowJson?: boolean;
  /** Whether a request takes so long that fewer of them must do. */
  slow?: boolean;
  start(env: TestEnv): Promise<{ target: TestTarget; stop(): Promise<void> }>;
}

/** Asks for the target that a block's tests talk to: it is there once they run. */
export type GetTarget = () => TestTarget;

/** Starts the webhook for a block of tests, and stops it after them. */
export function startBeforeAll(starter: TargetStarter, env: TestEnv): GetTarget {
  let running: { target: TestTarget; stop(): Promise<void> } | undefined;
  beforeAll(async () => {
    running = await starter.start(env);
  });
  afterAll(() => running?.stop());
  return () => {
    if (!running) throw new Error("the target has not been started");
    return running.target;
  };
}

/** The same promises on every target: what docs/contract.md says, and every request that the main app was seen to send. */
export function contract(starter: TargetStarter): void {
  describe(starter.name, () => {
    routePromises(starter);
    answerPromises(starter);
    streamPromises(starter);
    signaturePromises(starter);
    badInputPromises(starter);
    vectorPromises(starter);
  });
}
