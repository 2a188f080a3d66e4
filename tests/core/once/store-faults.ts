import { expect, test } from "vitest";
import { Exchange } from "../../../shared/exchange.ts";
import type { LogRecord } from "../../../shared/log.ts";
import { createAskStore } from "../../../shared/once/ask-store.ts";
import { memoryStore } from "../../../shared/once/memory.ts";
import type { Claim, OnceStore } from "../../../shared/once/store.ts";
import { TestClock } from "../../../shared/test-clock.ts";
import { wait } from "../../support/replying.ts";
import { rejects, webhook } from "./webhook.ts";

/** A store of which one method is replaced. */
function storeWith(changed: Partial<OnceStore>) {
  return (clock: TestClock): OnceStore => ({ ...memoryStore(clock), ...changed });
}

const never = <T>() => new Promise<T>(() => {});
const skipped = (log: LogRecord[]) => log.filter(({ code }) => code === "once_skipped");

/** What a slow store, or one that fails, does to a reply: nothing. */
export function storeFaultPromises(): void {
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
}
