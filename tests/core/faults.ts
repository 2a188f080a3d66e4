import * as fc from "fast-check";
import { test } from "vitest";
import { createApp } from "../../shared/app.ts";
import { systemClock } from "../../shared/clock.ts";
import { executionContext } from "../../shared/execution-context.ts";
import { memoryStore } from "../../shared/once/memory.ts";
import type { Claim, OnceStore } from "../../shared/once/store.ts";
import type { Reply } from "../../shared/reply-types.ts";
import { TestClock } from "../../shared/test-clock.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { payload } from "../support/payload.ts";
import { FALLBACK, wait } from "../support/replying.ts";
import { signedRequest } from "../support/signing.ts";

const SECRET = "faults-secret";
const REPLY = "the reply";
const HOUR_MS = 3_600_000;
/** Long after each time limit of a message: 4 s for its reply, 1 s for each service that is asked. */
const LIMIT_MS = 30_000;

const serviceFaults = ["none", "rejects", "throws", "hangs", "slow", "too slow", "nonsense"] as const;
type ServiceFault = (typeof serviceFaults)[number];
const serviceFault = fc.constantFrom(...serviceFaults);

/** How a service answers under a fault. A slow one is in time, a too slow one is not. */
function faulty<T>(fault: ServiceFault, clock: TestClock, nonsense: T, answer: () => Promise<T>): Promise<T> {
  const down = new Error("the service is down");
  switch (fault) {
    case "none":
      return answer();
    case "rejects":
      return Promise.reject(down);
    case "throws":
      throw down;
    case "hangs":
      return new Promise(() => {});
    case "nonsense":
      return Promise.resolve(nonsense);
    default:
      return wait(clock, fault === "slow" ? 400 : 1600).then(answer);
  }
}

const replies = {
  string: () => REPLY,
  later: async (clock) => {
    await wait(clock, 900);
    return REPLY;
  },
  pieces: async function* (clock) {
    yield "the ";
    await wait(clock, 300);
    yield "reply";
  },
  throws: () => {
    throw new Error("no reply");
  },
  never: () => new Promise<string>(() => {}),
} satisfies Record<string, (clock: TestClock) => ReturnType<Reply>>;

/** One fault, or none, at each seam. */
const faults = fc.record({
  claim: serviceFault,
  keep: serviceFault,
  release: serviceFault,
  allow: fc.option(serviceFault),
  log: fc.constantFrom("none", "throws"),
  waitUntil: fc.constantFrom("none", "throws", "missing"),
  /** How far the wall clock jumps, and in the middle of what. */
  jumpMs: fc.constantFrom(0, HOUR_MS, -HOUR_MS),
  jumpIn: fc.constantFrom("claim", "reply", "keep"),
  /** By which clock the store counts. A Durable Object has only the wall clock. */
  storeClock: fc.constantFrom("uptime", "wall time"),
  reply: fc.constantFrom(...(Object.keys(replies) as (keyof typeof replies)[])),
  routes: fc.array(fc.constantFrom("/", "/stream"), { minLength: 3, maxLength: 3 }),
});
type Faults = typeof faults extends fc.Arbitrary<infer T> ? T : never;

function webhook({ claim, keep, release, allow, log, jumpMs, jumpIn, storeClock, reply, waitUntil }: Faults) {
  const clock = new TestClock();
  const wallTime = () => clock.wallTime();
  const memory = memoryStore(storeClock === "uptime" ? clock : { ...systemClock, wallTime, uptime: wallTime });
  let hasJumped = false;
  const during = (place: string) => {
    if (place !== jumpIn || hasJumped) return;
    hasJumped = true;
    clock.setAhead(jumpMs);
  };
  const jumping = <T>(place: string, answer: () => Promise<T>) => {
    during(place);
    return answer();
  };
  const once: OnceStore = {
    claim: (...key) => jumping("claim", () => faulty(claim, clock, 42 as unknown as Claim, () => memory.claim(...key))),
    keep: (...key) => jumping("keep", () => faulty(keep, clock, undefined, () => memory.keep(...key))),
    release: (...key) => faulty(release, clock, undefined, () => memory.release(...key)),
  };
  const app = createApp({
    env: { WEBHOOK_SECRET: SECRET, REPLY_TIMEOUT_MS: "4000", FALLBACK_REPLY: FALLBACK },
    clock,
    once,
    reply: () => {
      during("reply");
      return replies[reply](clock);
    },
    log: () => {
      if (log === "throws") throw new Error("the disk is full");
    },
    ...(allow !== null && { allow: () => faulty(allow, clock, true, async () => true) }),
  });
  const throwing = () => {
    throw new Error("no background work here");
  };
  const context = waitUntil === "missing" ? undefined : executionContext(waitUntil === "throws" ? throwing : () => {});
  return { clock, fetch: async (request: Request) => app.fetch(request, {}, context) };
}

/** What the caller reads: the text of the answer, or the code of a refusal. */
async function read(response: Response): Promise<string> {
  const body = await response.text();
  if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
    const { reply, code } = JSON.parse(body);
    return reply ?? code;
  }
  const { text, done } = readAsDashboard([new TextEncoder().encode(body)]);
  return done ? text : "a stream without its end";
}

/** An answer, or a failure that the caller or the person sees. */
const SEEN: Record<Faults["reply"], string[]> = {
  string: [REPLY],
  later: [REPLY],
  pieces: [REPLY],
  throws: ["reply_failed", FALLBACK],
  never: ["reply_timeout", FALLBACK],
};

/**
 * What a copy may see instead. If the store does not take the end of the first run, its claim lasts until the lease is over. The
 * copy waits for that, for as long as its own budget allows.
 */
function seenByCopy({ jumpMs, keep, release }: Faults): string[] {
  const isStuck = ![keep, release].every((fault) => fault === "none" || fault === "slow");
  return [...(jumpMs === 0 ? [] : ["timestamp_outside_tolerance"]), ...(isStuck ? ["reply_timeout", FALLBACK] : [])];
}

export function faultPromises(runs: number): void {
  test(`with a fault at each seam at once, ${runs} times, no message is lost`, { timeout: 120_000 }, async () => {
    const property = fc.asyncProperty(faults, async (faults) => {
      const { clock, fetch } = webhook(faults);
      const newRequest = () => signedRequest(SECRET, Math.floor(clock.wallTime() / 1000), JSON.stringify(payload("hi")));
      const first = await newRequest();
      // A message, a copy of it, and the next message.
      for (const [index, route] of faults.routes.entries()) {
        const { headers, ...init } = index < 2 ? first : await newRequest();
        const response = fetch(new Request(`http://localhost${route}`, { ...init, headers: new Headers(headers) }));
        const late = wait(clock, LIMIT_MS).then(() => "nothing");
        const seen = await clock.advanceUntil(Promise.race([response.then(read), late]), 200);
        const expected = [...SEEN[faults.reply], ...(index === 1 ? seenByCopy(faults) : [])];
        if (!expected.includes(seen)) throw new Error(`message ${index} got: ${seen}`);
      }
    });
    await fc.assert(property, { numRuns: runs });
  });
}
