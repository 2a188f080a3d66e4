import { expect, test } from "vitest";
import { createApp } from "../../shared/app.ts";
import { Exchange } from "../../shared/exchange.ts";
import { executionContext } from "../../shared/execution-context.ts";
import type { LogRecord } from "../../shared/log.ts";
import { createAskStore } from "../../shared/once/ask-store.ts";
import { memoryStore } from "../../shared/once/memory.ts";
import type { Claim, OnceStore } from "../../shared/once/store.ts";
import type { Reply } from "../../shared/reply-types.ts";
import { TestClock } from "../../shared/test-clock.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { payload } from "../support/payload.ts";
import { wait } from "../support/replying.ts";
import { signedRequest } from "../support/signing.ts";

const SECRET = "once-secret";

interface Options {
  env?: Record<string, string>;
  allow?: () => Promise<boolean>;
  store?: (clock: TestClock) => OnceStore | undefined;
}

/** A webhook in this process that counts the runs of its reply, and that is sent copies of one signed request. */
export function webhook(
  reply: Reply = ({ message }) => `re: ${message.content}`,
  { env = {}, allow, store = memoryStore }: Options = {},
) {
  const clock = new TestClock();
  const log: LogRecord[] = [];
  const background: Promise<unknown>[] = [];
  const signedAt = Math.floor(clock.wallTime() / 1000);
  const counts = { runs: 0 };
  const app = createApp({
    env: { WEBHOOK_SECRET: SECRET, ...env },
    reply: (context) => {
      counts.runs++;
      return reply(context);
    },
    clock,
    log: (record) => log.push(record),
    allow,
    once: store(clock),
  });
  const send = async (path: string, content = "hi", signal?: AbortSignal) => {
    const { headers, ...init } = await signedRequest(SECRET, signedAt, JSON.stringify(payload(content)));
    const request = { ...init, headers: new Headers(headers), ...(signal && { signal }) };
    const context = executionContext((work) => background.push(work));
    return app.fetch(new Request(`http://localhost${path}`, request), {}, context);
  };
  /** The status and the answer, while time passes. */
  const ask = async (path: string, content?: string, signal?: AbortSignal) => {
    const response = await clock.advanceUntil(send(path, content, signal), 500);
    const text = await clock.advanceUntil(response.text(), 500);
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    return isStream ? readAsDashboard([new TextEncoder().encode(text)]).text : { status: response.status, ...JSON.parse(text) };
  };
  const settled = () => clock.advanceUntil(Promise.all(background), 500);
  return { clock, log, counts, ask, send, settled };
}

/** A store of which one method is replaced. */
function storeWith(changed: Partial<OnceStore>) {
  return (clock: TestClock): OnceStore => ({ ...memoryStore(clock), ...changed });
}

const never = <T>() => new Promise<T>(() => {});
const rejects = () => Promise.reject(new Error("the store is down"));
const skipped = (log: LogRecord[]) => log.filter(({ code }) => code === "once_skipped");

export function oncePromises(): void {
  test("a copy gets the first one's answer without the reply logic, on both routes", async () => {
    const { ask, counts, log } = webhook(() => ({ reply: "once", metadata: { n: 1 } }));
    const first = await ask("/");
    expect(first).toEqual({ status: 200, reply: "once", metadata: { n: 1 } });
    expect(await ask("/")).toEqual(first);
    expect(await ask("/stream")).toBe("once");
    expect(counts.runs).toBe(1);
    expect(log.filter(({ event }) => event === "request").map(({ is_copy }) => is_copy)).toEqual([undefined, true, true]);
  });

  test("another message is no copy", async () => {
    const { ask, counts } = webhook();
    expect(await ask("/", "one")).toMatchObject({ reply: "re: one" });
    expect(await ask("/", "two")).toMatchObject({ reply: "re: two" });
    expect(counts.runs).toBe(2);
  });

  test("copies that come while the first runs wait for its answer", async () => {
    const hold = Promise.withResolvers<string>();
    const { send, counts, clock } = webhook(() => hold.promise);
    const asked = Array.from({ length: 20 }, (_, copy) => send(copy % 2 === 0 ? "/" : "/stream"));
    await clock.advance(4000);
    hold.resolve("at last");
    const texts = asked.map(async (response) => (await response).text());
    // An answer that takes more than 5 s begins with spaces.
    const answers = (await clock.advanceUntil(Promise.all(texts), 500)).map((text) => text.trim());
    expect(new Set(answers.filter((answer) => answer.startsWith("{")))).toEqual(new Set(['{"reply":"at last"}']));
    expect(answers.filter((answer) => answer.includes('{"text":"at last"}'))).toHaveLength(10);
    expect(counts.runs).toBe(1);
  });

  test("a failure is not kept: the next copy runs the logic again", async () => {
    let tries = 0;
    const { ask, settled } = webhook(() => {
      if (++tries === 1) throw new Error("not now");
      return "the second time";
    });
    expect(await ask("/")).toMatchObject({ status: 500, code: "reply_failed" });
    await settled();
    expect(await ask("/")).toMatchObject({ status: 200, reply: "the second time" });
  });

  test("a copy that waits runs the logic if the first's client hangs up", async () => {
    let tries = 0;
    const { send, clock, counts } = webhook(({ signal }) => {
      if (++tries > 1) return "for the copy";
      return new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
    });
    const client = new AbortController();
    const first = send("/", "hi", client.signal);
    await clock.advance(100);
    const copy = send("/");
    await clock.advance(100);
    client.abort();
    expect(await (await clock.advanceUntil(copy, 500)).json()).toEqual({ reply: "for the copy" });
    await clock.advanceUntil(first, 500);
    expect(counts.runs).toBe(2);
  });

  test("an answer is kept for ten minutes", async () => {
    const { ask, counts, clock } = webhook();
    await ask("/");
    // The wall clock stands still here, so that the timestamp stays young.
    clock.setAhead(-590_000);
    await clock.advance(590_000);
    await ask("/");
    expect(counts.runs).toBe(1);
    clock.setAhead(-15_000);
    await clock.advance(15_000);
    await ask("/");
    expect(counts.runs).toBe(2);
  });

  test("a claim whose holder died is over after its lease", async () => {
    const leases: number[] = [];
    const { ask, counts, clock } = webhook(undefined, {
      store: (clock) => {
        const memory = memoryStore(clock);
        const claim: OnceStore["claim"] = (key, leaseMs) => {
          leases.push(leaseMs);
          return memory.claim(key, leaseMs);
        };
        return { ...memory, claim, keep: async () => {} };
      },
    });
    await ask("/");
    expect(leases).toEqual([34_000]);
    clock.setAhead(-34_000);
    await clock.advance(34_000);
    expect(await ask("/")).toMatchObject({ reply: "re: hi" });
    expect(counts.runs).toBe(2);
  });

  test("unsigned requests are never matched", async () => {
    const { ask, counts } = webhook(undefined, { env: { WEBHOOK_SECRET: "" } });
    await ask("/");
    await ask("/");
    expect(counts.runs).toBe(2);
  });

  test("RUN_ONCE=false turns it off", async () => {
    const { ask, counts } = webhook(undefined, { env: { RUN_ONCE: "false" } });
    await ask("/");
    await ask("/");
    expect(counts.runs).toBe(2);
  });

  test("a copy costs no place in a rate limit, and a message that was refused for it can be sent again", async () => {
    const allowed = [false, true];
    const { ask, counts, settled, clock } = webhook(undefined, { allow: async () => allowed.shift() as boolean });
    expect(await ask("/")).toMatchObject({ status: 429 });
    await settled();
    const startedAt = clock.uptime();
    expect(await ask("/")).toMatchObject({ status: 200 });
    expect(clock.uptime() - startedAt).toBeLessThan(5000);
    expect(await ask("/")).toMatchObject({ status: 200 });
    expect([counts.runs, allowed]).toEqual([1, []]);
  });

  test("an answer of more than 1 MB is not kept, and a copy is told that the message was answered", async () => {
    const longest = "x".repeat(333_333 - '{"reply":""}'.length);
    const { ask, counts } = webhook(({ message }) => longest + message.content);
    await ask("/", "");
    expect(await ask("/", "")).toEqual({ status: 200, reply: longest });
    await ask("/", "x");
    expect(await ask("/", "x")).toMatchObject({ status: 200, reply: expect.stringContaining("answered already") });
    expect(counts.runs).toBe(2);
  });

  test("a copy that got its answer keeps nothing", async () => {
    let kept = 0;
    const { ask, settled } = webhook(undefined, {
      store: (clock) => {
        const memory = memoryStore(clock);
        const keep: OnceStore["keep"] = (...entry) => {
          kept++;
          return memory.keep(...entry);
        };
        return { ...memory, keep };
      },
    });
    await ask("/");
    await settled();
    await ask("/");
    await settled();
    expect(kept).toBe(1);
  });

  test("the time of a slow claim is a part of the reply's budget", async () => {
    const left: number[] = [];
    const { ask } = webhook(
      ({ timeLeft }) => {
        left.push(timeLeft());
        return "";
      },
      {
        store: (clock) => ({
          ...memoryStore(clock),
          claim: async () => {
            await wait(clock, 800);
            return { token: "late" };
          },
        }),
      },
    );
    await ask("/");
    expect(left).toEqual([24_200]);
  });

  test.each<[string, (clock: TestClock) => OnceStore]>([
    ["rejects", storeWith({ claim: rejects })],
    [
      "throws",
      storeWith({
        claim: () => {
          throw new Error("the store is down");
        },
      }),
    ],
    ["never answers", storeWith({ claim: never })],
    ["answers nonsense", storeWith({ claim: async () => 42 as unknown as Claim })],
    ["answers nothing", storeWith({ claim: async () => undefined as unknown as Claim })],
    ["gives an answer that nobody kept", storeWith({ claim: async () => ({ answer: "{" }) })],
    ["gives an answer without a reply", storeWith({ claim: async () => ({ answer: '{"reply":1}' }) })],
    ["gives a token of another kind", storeWith({ claim: async () => ({ token: 1 }) as unknown as Claim })],
    ["cannot keep", storeWith({ keep: rejects })],
    ["never ends keeping", storeWith({ keep: never })],
  ])("a store that %s stops no reply, and the answer is the same", async (_, store) => {
    const { ask, settled } = webhook(undefined, { store });
    expect(await ask("/")).toEqual({ status: 200, reply: "re: hi" });
    expect(await ask("/stream")).toBe("re: hi");
    await settled();
  });

  test("a store that has failed is not asked for 5 s, and the log says so once", async () => {
    let asked = 0;
    const { ask, log, clock } = webhook(undefined, {
      store: storeWith({
        claim: () => {
          asked++;
          return rejects();
        },
      }),
    });
    await ask("/", "one");
    await ask("/", "two");
    expect([asked, skipped(log).length]).toEqual([1, 1]);
    expect(skipped(log)[0]).toMatchObject({ level: "warn", message: expect.stringContaining("the store is down") });
    await clock.advance(5001);
    await ask("/", "three");
    expect([asked, skipped(log).length]).toEqual([2, 2]);
  });

  test("a store is asked again exactly 5 s after it has failed", async () => {
    const clock = new TestClock();
    let asked = 0;
    const ask = createAskStore(memoryStore(clock), clock);
    const exchange = new Exchange("POST", "/", clock, () => {});
    const question = () => {
      asked++;
      return rejects();
    };
    await ask(exchange, question);
    await clock.advance(4999);
    await ask(exchange, question);
    expect(asked).toBe(1);
    await clock.advance(1);
    await ask(exchange, question);
    expect(asked).toBe(2);
  });

  test("a copy that waits asks the store ever less often, at last every 2 s, and no more once its caller has gone", async () => {
    const claims: number[] = [];
    const { send, clock } = webhook(() => never(), {
      store: (clock) => {
        const memory = memoryStore(clock);
        const claim: OnceStore["claim"] = (key, leaseMs) => {
          claims.push(clock.uptime());
          return memory.claim(key, leaseMs);
        };
        return { ...memory, claim };
      },
    });
    void send("/stream");
    await clock.advance(10);
    const caller = new AbortController();
    void send("/", "hi", caller.signal);
    await clock.advance(10_000);
    const [, begun = 0, ...waits] = claims;
    expect(waits.map((at) => at - begun)).toEqual([50, 150, 350, 750, 1550, 3150, 5150, 7150, 9150]);
    caller.abort();
    await clock.advance(10_000);
    expect(claims).toHaveLength(11);
  });

  test("memory has a bound: beyond 10,000 requests or 16 million characters, the oldest is forgotten", async () => {
    const clock = new TestClock();
    const store = memoryStore(clock);
    for (let key = 0; key <= 10_000; key++) await store.claim(`k${key}`, 1000);
    expect(await store.claim("k1", 1000)).toBe("running");
    expect(await store.claim("k0", 1000)).toHaveProperty("token");
    for (let key = 0; key < 17; key++) {
      const claim = await store.claim(`long${key}`, 1000);
      await store.keep(`long${key}`, (claim as { token: string }).token, "x".repeat(1_048_576), 1000);
    }
    expect(await store.claim("long1", 1000)).toHaveProperty("answer");
    expect(await store.claim("long0", 1000)).toHaveProperty("token");
  });

  test("memory forgets first what was not touched for longest: an answer that was just kept stays", async () => {
    const store = memoryStore(new TestClock());
    const first = (await store.claim("first", 1000)) as { token: string };
    for (let key = 1; key < 10_000; key++) await store.claim(`k${key}`, 1000);
    await store.keep("first", first.token, "kept", 1000);
    await store.claim("one more", 1000);
    expect(await store.claim("first", 1000)).toEqual({ answer: "kept" });
    expect(await store.claim("k1", 1000)).toHaveProperty("token");
  });

  test("a holder whose claim was forgotten keeps nothing, and nothing fails", async () => {
    const store = memoryStore(new TestClock());
    await store.keep("key", "1", "an answer", 1000);
    await store.release("key", "1");
    expect(await store.claim("key", 1000)).toHaveProperty("token");
  });
}
