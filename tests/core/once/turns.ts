import { expect, test } from "vitest";
import { memoryStore } from "../../../shared/once/memory.ts";
import type { OnceStore } from "../../../shared/once/store.ts";
import type { TestClock } from "../../../shared/test-clock.ts";
import { wait } from "../../support/replying.ts";
import { rejects, webhook } from "./webhook.ts";

/** A store in memory. Each claim first waits for `before`, which gets its number, from 1. */
function watchedStore(before: (count: number, clock: TestClock) => Promise<unknown> = async () => {}) {
  let count = 0;
  const answered: (PromiseWithResolvers<void> | undefined)[] = [];
  const of = (number: number) => (answered[number] ??= Promise.withResolvers());
  const store = (clock: TestClock): OnceStore => {
    const memory = memoryStore(clock);
    const claim: OnceStore["claim"] = async (key, leaseMs) => {
      const number = ++count;
      try {
        await before(number, clock);
        return await memory.claim(key, leaseMs);
      } finally {
        of(number).resolve();
      }
    };
    return { ...memory, claim };
  };
  /** Resolves when the claim of this number was answered. */
  return { store, claimed: (number: number) => of(number).promise };
}

/** What a copy that waits gets when its turn comes: when the first has failed, was refused, or died. */
export function turnPromises(): void {
  test("a copy gets round no rate limit: if the first was refused, the limiter is asked for the copy too", async () => {
    const asked: PromiseWithResolvers<boolean>[] = [];
    const allow = () => {
      asked.push(Promise.withResolvers());
      return (asked.at(-1) as PromiseWithResolvers<boolean>).promise;
    };
    const { store, claimed } = watchedStore();
    const { send, counts, clock, log } = webhook(undefined, { allow, store });
    const first = send("/");
    await claimed(1);
    const copy = send("/");
    await claimed(2);
    expect(asked).toHaveLength(1);
    asked[0]?.resolve(false);
    expect((await first).status).toBe(429);
    await clock.advance(100);
    expect(asked).toHaveLength(2);
    asked[1]?.resolve(false);
    expect((await clock.advanceUntil(copy, 10)).status).toBe(500);
    expect(counts.runs).toBe(0);
    expect(log.find(({ code, level }) => code === "reply_failed" && level === "error")?.message).toContain("rate limited");
  });

  test("a copy runs the logic if the first was refused for the rate limit and the limiter now allows it", async () => {
    const limiter = Promise.withResolvers<boolean>();
    const answers = [limiter.promise, Promise.resolve(true)];
    const { store, claimed } = watchedStore();
    const { send, clock } = webhook(undefined, { allow: () => answers.shift() as Promise<boolean>, store });
    const first = send("/");
    await claimed(1);
    const copy = send("/");
    await claimed(2);
    limiter.resolve(false);
    expect((await first).status).toBe(429);
    expect(await (await clock.advanceUntil(copy, 10)).json()).toEqual({ reply: "re: hi" });
  });

  test("a claim that comes too late for the reply still keeps the answer for a copy", async () => {
    const { store } = watchedStore(async (count, clock) => count === 1 && wait(clock, 1500));
    const { ask, counts, settled, clock } = webhook(undefined, { store });
    expect(await ask("/")).toMatchObject({ reply: "re: hi" });
    await settled();
    await clock.advance(6000);
    expect(await ask("/")).toMatchObject({ reply: "re: hi" });
    expect(counts.runs).toBe(1);
  });

  test("a copy whose caller hangs up while it claims its turn leaves the turn to the next copy", async () => {
    const late = Promise.withResolvers<void>();
    const limiter = Promise.withResolvers<boolean>();
    const { store, claimed } = watchedStore(async (count) => count === 3 && late.promise);
    const answers = [limiter.promise, Promise.resolve(true)];
    const { send, counts, clock } = webhook(undefined, { store, allow: () => answers.shift() as Promise<boolean> });
    const first = send("/");
    await claimed(1);
    const caller = new AbortController();
    const copy = send("/", "hi", caller.signal);
    await claimed(2);
    limiter.resolve(false);
    expect((await first).status).toBe(429);
    await clock.advance(60);
    caller.abort();
    late.resolve();
    await copy;
    await clock.advance(10);
    expect(counts.runs).toBe(0);
  });

  test("a copy that waits goes on waiting while the store rests because of another request", async () => {
    const hold = Promise.withResolvers<string>();
    const { store, claimed } = watchedStore(async (count) => count === 3 && rejects());
    const { send, counts, clock } = webhook(({ message }) => (message.content === "hi" ? hold.promise : "other"), { store });
    const first = send("/");
    await claimed(1);
    const copy = send("/");
    await claimed(2);
    await send("/", "another message");
    await clock.advance(2000);
    hold.resolve("at last");
    const answers = [first, copy].map(async (answer) => (await clock.advanceUntil(answer, 500)).json());
    expect(await Promise.all(answers)).toEqual([{ reply: "at last" }, { reply: "at last" }]);
    expect(counts.runs).toBe(2);
  });

  test("a copy that waits runs the logic if the store fails", async () => {
    let runs = 0;
    const { store, claimed } = watchedStore(async (count) => count > 2 && rejects());
    const { send, clock } = webhook(() => (++runs === 1 ? new Promise(() => {}) : "for the copy"), { store });
    void send("/");
    await claimed(1);
    expect(await (await clock.advanceUntil(send("/"), 500)).json()).toEqual({ reply: "for the copy" });
  });
}
