import { expect, test } from "vitest";
import { memoryStore } from "../../../shared/once/memory.ts";
import type { OnceStore } from "../../../shared/once/store.ts";
import { webhook } from "./webhook.ts";

/** What a copy of a signed request gets. */
export function copyPromises(): void {
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
}
