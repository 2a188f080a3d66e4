import { shellSnippet } from "../sender/snippet.ts";
import { Broken, Dead, Skipped } from "./broken.ts";
import type { Need, Outcome, ProblemFound, Result } from "./check.ts";
import { type Obstacle, PREFLIGHT_REQUESTS, preflight } from "./preflight.ts";
import type { RegisteredCheck } from "./registry.ts";
import { type Target, Webhook } from "./webhook.ts";

/** No run is longer than this, in milliseconds; what is left is not run, and the run does not pass. */
export const LONGEST_RUN_MS = 300_000;

const TOO_MANY = 429;
const RATE_FIX =
  "The webhook limits its rate: raise the limit while it is checked, or check a few groups at a time with --only.";

export interface Report {
  readonly url: URL;
  readonly stream?: URL | undefined;
  readonly signed: boolean;
  readonly echo: boolean;
  readonly startedAt: Date;
  readonly ms: number;
  readonly requests: { readonly atMost: number; readonly sent: number };
  readonly results: readonly Result[];
  /** Why some checks were not run, though they were asked for. */
  readonly incomplete?: string;
}

export type Progress = (at: { index: number; count: number; check: RegisteredCheck }) => void;

/** The most requests that checking with these checks takes. */
export function mostRequests(checks: readonly RegisteredCheck[], target: Target): number {
  const run = checks.filter(
    (check) => !missing(check.needs, { secret: target.secret !== undefined, stream: target.stream !== undefined, echo: true }),
  );
  return PREFLIGHT_REQUESTS + run.reduce((sum, { requests }) => sum + requests, 0);
}

/** Runs `checks` one after the other. Gives an obstacle where not even the first message was taken. */
export async function runChecks(
  checks: readonly RegisteredCheck[],
  target: Target,
  onProgress: Progress,
): Promise<Report | Obstacle> {
  const startedAt = new Date();
  const start = performance.now();
  const webhook = new Webhook(target);
  const obstacle = await preflight(webhook, target);
  if (obstacle) return obstacle;

  const results: Result[] = [];
  let incomplete: string | undefined;
  for (const [index, check] of checks.entries()) {
    if (!incomplete && performance.now() - start > LONGEST_RUN_MS)
      incomplete = `the run took longer than ${LONGEST_RUN_MS / 1000} s; check a few groups at a time with --only`;
    if (incomplete) {
      results.push({ check, outcome: "skip", ms: 0, reason: `not run: ${incomplete}`, seen: [] });
      continue;
    }
    onProgress({ index, count: checks.length, check });
    const { result, dead } = await runCheck(check, webhook);
    results.push(result);
    if (dead) incomplete = `nothing answers any more after ${check.id}`;
  }
  return {
    url: target.url,
    stream: target.stream,
    signed: webhook.signed,
    echo: webhook.isEcho,
    startedAt,
    ms: performance.now() - start,
    requests: { atMost: mostRequests(checks, target), sent: webhook.requests },
    results,
    ...(incomplete && { incomplete }),
  };
}

async function runCheck(check: RegisteredCheck, webhook: Webhook): Promise<{ result: Result; dead: boolean }> {
  const reason = missing(check.needs, { secret: webhook.signed, stream: webhook.stream !== undefined, echo: webhook.isEcho });
  if (reason) return { result: { check, outcome: "skip", ms: 0, reason, seen: [] }, dead: false };

  const start = performance.now();
  const ended = (outcome: Outcome, more: Partial<Result> = {}): Result => {
    return { check, outcome, ms: performance.now() - start, seen: [...webhook.seen], ...more };
  };
  webhook.seen.clear();
  try {
    await check.run(webhook);
    return { result: ended("pass"), dead: false };
  } catch (error) {
    if (error instanceof Skipped) return { result: ended("skip", { reason: error.message }), dead: false };
    if (!(error instanceof Broken)) throw error;
    const outcome = (error.details.level ?? check.level) === "MUST" ? "fail" : "warn";
    return {
      result: ended(outcome, { problem: problemFound(check, error, webhook.tellingSecret) }),
      dead: error instanceof Dead,
    };
  }
}

function problemFound(check: RegisteredCheck, { message, details }: Broken, secret: string | undefined): ProblemFound {
  return {
    sent: details.sent ?? check.sends,
    expected: details.expected ?? check.expects,
    came: withoutSecret(message, secret),
    fix: details.by?.answer?.status === TOO_MANY ? RATE_FIX : (details.fix ?? check.fix),
    ...(details.by && { reproduce: withoutSecret(shellSnippet(details.by.message), secret) }),
  };
}

function withoutSecret(text: string, secret: string | undefined): string {
  return secret === undefined ? text : text.replaceAll(secret, () => "$SECRET");
}

const REASONS: Record<Need, string> = {
  secret: "needs the webhook's secret (--secret)",
  stream: "needs a stream (--stream URL)",
  echo: "needs an echo: the reply does not hold the text that was sent",
};

function missing(needs: readonly Need[] = [], has: Record<Need, boolean>): string | undefined {
  const need = needs.find((need) => !has[need]);
  return need && REASONS[need];
}
