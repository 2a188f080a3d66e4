import type { Failure } from "../http/exchange.ts";
import type { PeerText } from "../peer-text.ts";
import { folded, shellSnippet } from "../sender/snippet.ts";
import { Broken, Dead, Skipped } from "./broken.ts";
import type { Need, Outcome, ProblemFound, Result } from "./check.ts";
import type { RegisteredCheck } from "./checks/all.ts";
import { Deadline } from "./deadline.ts";
import { type Obstacle, preflight, preflightRequests } from "./preflight.ts";
import { type CheckedWebhook, type Sent, Webhook } from "./webhook.ts";

/** A run ends after this many milliseconds. If checks are left then, the run does not pass. */
export const LONGEST_RUN_MS = 300_000;

const TOO_MANY = 429;
const RATE_FIX =
  "The webhook limits its rate: raise the limit while it is checked, or check a few groups at a time with --only.";
/** How to fix an answer that cannot be read, whatever the check. */
const READING_FIXES: Partial<Record<Failure["kind"], string>> = {
  "not-http":
    "Let your HTTP server or framework write the status line, the headers and the chunks, or fix the proxy that does.",
  undecodable: "Compress the whole body as Content-Encoding says, or send it without Content-Encoding.",
};

export interface Report {
  /** Safe to show, like `stream`. */
  readonly url: string;
  readonly stream?: string | undefined;
  readonly signed: boolean;
  readonly echo: boolean;
  readonly startedAt: Date;
  readonly ms: number;
  readonly requests: { readonly atMost: number; readonly sent: number };
  readonly results: readonly Result[];
  /** Why some of the chosen checks did not run. */
  readonly incomplete?: string;
  /** The checks that are known to fail, and do not. */
  readonly fixed?: readonly string[];
}

/** Nothing was checked. */
export interface Unchecked extends Obstacle {
  readonly url: string;
}

/** Called before each check, and with its result after it. */
export type Progress = (at: { index: number; count: number; check: RegisteredCheck; result?: Result }) => void;

/** The most requests that these checks send. */
export function maxRequests(checks: readonly RegisteredCheck[], checked: CheckedWebhook): number {
  const has = { secret: checked.secret !== undefined, stream: checked.stream !== undefined, echo: true };
  const run = checks.filter((check) => !missing(check.needs, has));
  return preflightRequests(has.secret) + run.reduce((sum, { requests }) => sum + requests, 0);
}

/** Runs `checks` one after the other, for at most `longestMs`, or until `signal` aborts. Nothing is checked if the webhook does not accept the first message. */
export async function runChecks(
  checks: readonly RegisteredCheck[],
  checked: CheckedWebhook,
  onProgress: Progress,
  { longestMs = LONGEST_RUN_MS, signal }: { longestMs?: number; signal?: AbortSignal } = {},
): Promise<Report | Unchecked> {
  const startedAt = new Date();
  const start = performance.now();
  const deadline = new Deadline(longestMs);
  signal?.addEventListener("abort", () => deadline.end());
  const webhook = new Webhook(checked, deadline);
  const obstacle = await preflight(webhook);
  if (obstacle) return unchecked(obstacle, webhook);

  const results: Result[] = [];
  const outOfTime = `the run took longer than ${longestMs / 1000} s; check a few groups at a time with --only`;
  const whyEnded = () => (signal?.aborted ? "the run was stopped" : outOfTime);
  let incomplete: string | undefined;
  for (const [index, check] of checks.entries()) {
    if (webhook.deadline.passed) incomplete ??= whyEnded();
    if (incomplete) {
      const result = { check, outcome: "skip", ms: 0, reason: `not run: ${incomplete}`, seen: [] } as const;
      results.push(result);
      onProgress({ index, count: checks.length, check, result });
      continue;
    }
    onProgress({ index, count: checks.length, check });
    const { result, stopped } = await runCheck(check, webhook);
    results.push(result);
    onProgress({ index, count: checks.length, check, result });
    if (stopped) incomplete = stopped === "dead" ? `the webhook stopped answering after ${check.id}` : whyEnded();
  }
  return {
    url: webhook.text.url(webhook.url),
    stream: webhook.stream && webhook.text.url(webhook.stream),
    signed: webhook.signed,
    echo: webhook.isEcho,
    startedAt,
    ms: performance.now() - start,
    requests: { atMost: maxRequests(checks, checked), sent: webhook.requestsSent },
    results,
    ...(incomplete && { incomplete }),
  };
}

interface Ran {
  readonly result: Result;
  /** Why no check can run after this one. */
  readonly stopped?: "dead" | "out of time";
}

async function runCheck(check: RegisteredCheck, webhook: Webhook): Promise<Ran> {
  const reason = missing(check.needs, { secret: webhook.signed, stream: webhook.stream !== undefined, echo: webhook.isEcho });
  if (reason) return { result: { check, outcome: "skip", ms: 0, reason, seen: [] } };

  const start = performance.now();
  const ended = (outcome: Outcome, more: Partial<Result> = {}): Result => {
    return { check, outcome, ms: performance.now() - start, seen: [...webhook.seen], ...more };
  };
  webhook.seen.clear();
  webhook.check = check;
  try {
    await check.run(webhook);
    return { result: ended("pass") };
  } catch (error) {
    // The result of an unfinished check says nothing about the webhook.
    if (webhook.deadline.passed)
      return { result: ended("skip", { reason: "not finished: the time of the run was up" }), stopped: "out of time" };
    if (error instanceof Skipped) return { result: ended("skip", { reason: error.message }) };
    const broken = error instanceof Broken ? error : unexpected(error);
    const outcome = (broken.details.level ?? check.level) === "MUST" ? "fail" : "warn";
    const result = ended(outcome, { problem: problemFound(check, broken, webhook.text) });
    return { result, ...(broken instanceof Dead && { stopped: "dead" }) };
  }
}

/** An exception that no check throws on purpose. It is unknown whether the promise is kept, so the check fails. */
function unexpected(error: unknown): Broken {
  return new Broken(`an answer that made the check itself fail: ${error instanceof Error ? error.message : error}`, {
    level: "MUST",
    fix: "This is a bug of the checker. Please report it with the output of npx replyhook send.",
  });
}

function problemFound(check: RegisteredCheck, { message, details }: Broken, text: PeerText): ProblemFound {
  return {
    sent: details.sent ?? check.sends,
    expected: details.expected ?? check.expects,
    came: text.line(message),
    fix: text.line(commonFix(details.by) ?? details.fix ?? check.fix),
    ...(details.follows && { follows: details.follows }),
    ...(details.by && { reproduce: folded(text.maskOwn(shellSnippet(details.by.request))) }),
  };
}

/** The fix for an answer that lets any check fail. */
function commonFix(sent: Sent | undefined): string | undefined {
  if (sent?.answer?.status === TOO_MANY) return RATE_FIX;
  return sent?.failure && READING_FIXES[sent.failure.kind];
}

function unchecked({ exitCode, message, hints }: Obstacle, { url, text }: Webhook): Unchecked {
  return { url: text.url(url), exitCode, message: text.line(message), hints: hints.map((hint) => text.line(hint)) };
}

const REASONS: Record<Need, string> = {
  secret: "needs the webhook's secret (--secret)",
  stream: "only for a webhook that streams (--stream URL)",
  echo: "needs an echo: the reply does not contain the text that was sent",
};

function missing(needs: readonly Need[] = [], has: Record<Need, boolean>): string | undefined {
  const need = needs.find((need) => !has[need]);
  return need && REASONS[need];
}
