import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { TargetStarter } from "../contract/index.ts";
import { payload } from "../support/payload.ts";
import { residentMb, webhookProcess } from "../support/processes.ts";
import { signedRequest } from "../support/signing.ts";
import { jsonOf, type TestTarget } from "../support/target.ts";
import { type Expected, expectedOf } from "./expected.ts";
import { checkAnswer } from "./oracle.ts";
import { type Plan, plan, requestOf, textOf } from "./plans.ts";
import { SECRETS, SIGNED_ENV } from "./secrets.ts";

const AT_ONCE = 16;
const AT_ONCE_IF_SLOW = 4;
const LIMIT_MS = 60_000;
/** On a busy computer a stream of 1 MiB takes longer than the default, and would end with the fallback text. */
const REPLY_TIMEOUT_MS = "55000";
/** More than garbage and what an allocator does not give back, and less than a leak of 100 kB a request. */
const MOST_GROWTH_MB = 400;

/** The seed of generated requests: FUZZ_SEED, or a new one. */
export function fuzzSeed(): number {
  return process.env.FUZZ_SEED ? Number(process.env.FUZZ_SEED) : Math.floor(Math.random() * 2 ** 31);
}

/** How many requests to send: all of them in `npm run fuzz`, and a tenth with the other slow tests. */
export function fuzzRuns(all: number): number {
  return process.env.FUZZ === "all" ? all : all / 10;
}

/** Sends `runs` generated requests to a server. It must answer each as the contract says, and be as it was after them. */
export function fuzzPromise(server: TargetStarter, runs: number, seed = fuzzSeed()): void {
  test(`${runs} generated requests are answered as the contract says, on ${server.name}`, { timeout: 1_200_000 }, async () => {
    const { target, stop } = await server.start({ ...SIGNED_ENV, CLOCK_SHIFT_MS: "0", REPLY_TIMEOUT_MS });
    try {
      await checkKnownMessage(target, "before");
      const plans = fc.sample(plan, { numRuns: runs, seed }).map((plan) => forPlatform(plan, server));
      const startedAt = performance.now();
      const failures = await sendAll(target, plans.slice(0, runs / 5), server);
      const pid = webhookProcess(target.pid as number);
      const before = residentMb(pid);
      failures.push(...(await sendAll(target, plans.slice(runs / 5), server)));
      const [seconds, growth] = [((performance.now() - startedAt) / 1000).toFixed(1), Math.round(residentMb(pid) - before)];
      console.log(
        `${server.name}: ${runs} requests, seed ${seed}, ${failures.length} failures, ${seconds} s, memory +${growth} MB`,
      );
      expect(failures.slice(0, 5).join("\n\n")).toBe("");
      await checkKnownMessage(target, "after");
      // A process that was started again would be another one.
      expect(webhookProcess(target.pid as number)).toBe(pid);
      expect(growth).toBeLessThan(MOST_GROWTH_MB);
    } finally {
      await stop();
    }
  });
}

/** What went wrong, with the plan of each request. */
async function sendAll(target: TestTarget, plans: Plan[], server: TargetStarter): Promise<string[]> {
  const failures: string[] = [];
  const waiting = plans.values();
  const sendNext = async () => {
    for (const plan of waiting) {
      // Netlify's local runtime loads the function for each request, and on a busy computer fails at one in some 300 (seen).
      const first = await problemOf(target, plan, server);
      const problem = first && server.slow ? await problemOf(target, plan, server) : first;
      if (problem) failures.push(problem);
    }
  };
  await Promise.all(Array.from({ length: server.slow ? AT_ONCE_IF_SLOW : AT_ONCE }, sendNext));
  return failures;
}

async function problemOf(target: TestTarget, plan: Plan, server: TargetStarter): Promise<string | undefined> {
  const now = Math.floor(Date.now() / 1000);
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("no answer")), LIMIT_MS);
  try {
    const answer = await Promise.race([target.send(await requestOf(plan, now)), late.promise]);
    await checkAnswer(plan, onPlatform(plan, expectedOf(plan, now), server), answer);
    return undefined;
  } catch (error) {
    return `${error}\n${fc.stringify(plan).slice(0, 2000)}`;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The plan without what `netlify dev` itself fails at (seen): it changes bodies whose Content-Type it does not know, and answers
 * a path that cannot be decoded with a page of its own. A request that got a 404 it sends again as /other/index.html and so on,
 * and then leaves out the body that OPTIONS announces, so that no answer comes.
 */
function forPlatform(plan: Plan, { changesBytes }: TargetStarter): Plan {
  if (!changesBytes) return plan;
  const { contentType, path, method } = plan;
  return {
    ...plan,
    path: path === "/%" || method === "OPTIONS" ? "/stream" : path,
    contentType: contentType?.includes(" ;") ? "application/json" : contentType,
  };
}

/** What is expected where the platform changes bytes that are not UTF-8, and removes a byte order mark (seen). */
function onPlatform(plan: Plan, expected: Expected, { changesBytes }: TargetStarter): Expected {
  const isChanged = changesBytes && (textOf(plan.body)?.startsWith("\ufeff") ?? true);
  return isChanged && "code" in expected && expected.code.startsWith("body_not") ? { code: "signature_mismatch" } : expected;
}

async function checkKnownMessage(target: TestTarget, content: string): Promise<void> {
  const body = JSON.stringify(payload(content));
  const answer = await target.send(await signedRequest(SECRETS.current, Math.floor(Date.now() / 1000), body));
  expect([answer.status, jsonOf(answer)]).toEqual([200, { reply: `Echo: ${content}` }]);
}
