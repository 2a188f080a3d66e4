import * as fc from "fast-check";
import { createApp } from "../../shared/app.ts";
import { type Clock, systemClock } from "../../shared/clock.ts";
import { executionContext } from "../../shared/execution-context.ts";
import type { LogRecord } from "../../shared/log.ts";
import { memoryStore } from "../../shared/once/memory.ts";
import { echo } from "../../shared/replies/echo.ts";
import type { Env } from "../../shared/reply-types.ts";
import { GAP_BEFORE_DONE_MS } from "../../shared/time-line.ts";
import type { Answer, ExactRequest } from "../support/target.ts";
import { CANARY } from "./bodies.ts";
import { type Expected, expectedOf } from "./expected.ts";
import { checkAnswer } from "./oracle.ts";
import { type Plan, plan, requestOf } from "./plans.ts";
import { SECRETS, SIGNED_ENV } from "./secrets.ts";

const NOW = 1_795_458_797;
/** A request that takes longer hangs. */
const LIMIT_MS = 10_000;

/** The wall clock stands still, and the short pauses of a stream take one turn. */
const clock: Clock = {
  ...systemClock,
  wallTime: () => NOW * 1000,
  after: (ms, task) => systemClock.after(ms <= GAP_BEFORE_DONE_MS ? 0 : ms, task),
};

const NOT_CONFIGURED: Expected = { code: "not_configured" };
/** What a request gets that would otherwise get as far as its signature. */
const PASSES = ["signature", "timestamp", "body_not", "payload", "event"];

/** Kinds of webhooks: with secrets, without, and two that refuse every message. */
const KINDS: Record<string, [env: Env, expected: (plan: Plan) => Expected]> = {
  signed: [SIGNED_ENV, (plan) => expectedOf(plan, NOW)],
  unsigned: [{}, (plan) => expectedOf(plan, NOW, false)],
  closed: [{ REQUIRE_SIGNATURE: "true" }, refusingMessages],
  unreadable: [{ WEBHOOK_SECRET: SECRETS.current, WEBHOOK_SECRETS: "{" }, refusingMessages],
};

function refusingMessages(plan: Plan): Expected {
  const expected = expectedOf(plan, NOW);
  if ("page" in expected) return expected;
  const passes = !("code" in expected) || PASSES.some((start) => expected.code.startsWith(start));
  return passes ? NOT_CONFIGURED : expected;
}

/** Sends `runs` generated requests. Rejects with the smallest one that is answered wrongly, and with the seed. */
export type Fuzz = (runs: number, seed?: number) => Promise<void>;

/** Webhooks in this process, of each kind, that stay the same for all generated requests. */
export function fuzzedWebhooks(): Fuzz {
  const logged: string[] = [];
  const send = Object.fromEntries(
    Object.entries(KINDS).map(([kind, [env]]) => [kind, sender(env, (line) => logged.push(line))]),
  );
  const kinds = fc.oneof({ weight: 8, arbitrary: fc.constant("signed") }, fc.constantFrom(...Object.keys(KINDS)));
  const property = fc.asyncProperty(plan, kinds, async (plan, kind) => {
    const [, expected] = KINDS[kind] as (typeof KINDS)["signed"];
    const answer = await within(LIMIT_MS, (send[kind] as Send)(await requestOf(plan, NOW)));
    await checkAnswer(plan, expected(plan), answer);
    const lines = logged.splice(0).join("\n");
    for (const word of [CANARY, ...Object.values(SECRETS)]) if (lines.includes(word)) throw new Error(`logged: ${lines}`);
  });
  return (runs, seed) => fc.assert(property, { numRuns: runs, ...(seed !== undefined && { seed }) });
}

type Send = (request: ExactRequest) => Promise<Answer>;

function sender(env: Env, log: (line: string) => void): Send {
  const once = memoryStore(clock);
  // The ids of a verified message are logged.
  const withoutIds = ({ app_id: _, thread_id: _t, message_id: _m, ...record }: LogRecord) => log(JSON.stringify(record));
  const app = createApp({ env, reply: echo, clock, once, log: withoutIds });
  return async ({ method, path, headers, body }) => {
    const init = { method, headers: new Headers(headers), ...(body.length > 0 && { body }) };
    const response = await app.fetch(new Request(`http://localhost${path}`, init), {}, executionContext());
    const pieces: Uint8Array[] = [];
    if (response.body) for await (const piece of response.body) pieces.push(piece);
    return { status: response.status, headers: response.headers, pieces };
  };
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${ms} ms`)), ms);
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
