import { afterAll, beforeAll, describe } from "vitest";
import type { TestEnv, TestTarget } from "../support/target.ts";
import { answerPromises } from "./answers.ts";
import { badInputPromises } from "./bad-input.ts";
import { manyAppsPromises } from "./many-apps.ts";
import { routePromises } from "./routes.ts";
import { signaturePromises } from "./signature.ts";
import { streamPromises } from "./stream.ts";
import { vectorPromises } from "./vectors.ts";

/** Starts the webhook on one target, and stops it again. */
export interface TargetStarter {
  name: string;
  /**
   * Whether the platform changes body bytes. Netlify's local runtime passes a body on as text, so bytes that are not UTF-8
   * arrive changed, and are refused as a signature mismatch.
   */
  changesBytes?: boolean;
  /** Whether the platform does not notice that a client hung up, such as `netlify dev`. Only the budget ends the reply there. */
  missesHangUps?: boolean;
  /** Whether it has no /openapi.json. */
  withoutOpenApi?: boolean;
  /** Whether its page has no style, and shows URLs with its own port instead of the Host header. */
  plainPage?: boolean;
  /** Whether its JSON parser refuses deep nesting. */
  shallowJson?: boolean;
  /** Whether a request takes so long that the tests send fewer of them. */
  slow?: boolean;
  start(env: TestEnv): Promise<Running>;
}

interface Running {
  target: TestTarget;
  stop(): Promise<void>;
}

/** Returns the target of a block of tests. It exists when the tests run. */
export type GetTarget = () => TestTarget;

/** Starts the webhook for a block of tests, and stops it after them. */
export function startBeforeAll(starter: TargetStarter, env: TestEnv): GetTarget {
  let running: Running | undefined;
  beforeAll(async () => {
    running = await starter.start(env);
  });
  afterAll(() => running?.stop());
  return () => {
    if (!running) throw new Error("the target has not been started");
    return running.target;
  };
}

/** The same target, but blocks of tests with equal settings share one server. It stops when `stop` is called. */
function shared(starter: TargetStarter): { starter: TargetStarter; stop(): Promise<void> } {
  const all = new Map<string, Promise<Running>>();
  const start = async (env: TestEnv) => {
    const key = JSON.stringify(env);
    const running = all.get(key) ?? starter.start(env);
    all.set(key, running);
    return { target: (await running).target, stop: async () => {} };
  };
  return {
    starter: { ...starter, start },
    async stop() {
      for (const running of all.values()) await (await running).stop();
    },
  };
}

/** The promises of docs/contract.md on one target, and every recorded request of the main app. */
export function contract(target: TargetStarter): void {
  const { starter, stop } = shared(target);
  // Netlify's local runtime loads the function again for each request, and on a busy computer answers one in some 300 with a 500 of
  // its own (observed).
  describe(starter.name, { retry: starter.slow ? 1 : 0 }, () => {
    afterAll(stop);
    routePromises(starter);
    answerPromises(starter);
    streamPromises(starter);
    signaturePromises(starter);
    manyAppsPromises(starter);
    badInputPromises(starter);
    vectorPromises(starter);
  });
}
