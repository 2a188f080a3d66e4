/// <reference types="@cloudflare/vitest-plugin/types" />
import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { memoryStore } from "../../shared/once/memory.ts";
import { TestClock } from "../../shared/test-clock.ts";
import { durableObjectStore, type OnceObject } from "../../workers/once-object.ts";
import { storePromises } from "../once/store-promises.ts";

const objects = (env as { ONCE: DurableObjectNamespace<OnceObject> }).ONCE;

describe("the store in memory, in workerd", () => storePromises(() => memoryStore(new TestClock())));

describe("the store of Durable Objects", () => {
  storePromises(() => durableObjectStore(objects));

  test("when its time is over, an alarm deletes all that an object has stored", async () => {
    const object = objects.getByName("with an alarm");
    const claim = (await object.claim(60_000)) as { token: string };
    await object.keep(claim.token, "answer", 60_000);
    expect(await runInDurableObject(object, (_, { storage }) => storage.getAlarm())).toBeGreaterThan(Date.now());
    expect(await runDurableObjectAlarm(object)).toBe(true);
    expect(await runInDurableObject(object, (_, { storage }) => [...storage.kv.list()])).toEqual([]);
    expect(await object.claim(60_000)).toHaveProperty("token");
  });

  test("an alarm deletes nothing of the next claim, which comes just before it or just after it", async () => {
    const claimedTwice = async (_: unknown, index: number) => {
      const object = objects.getByName(`claimed twice ${index}`);
      await object.claim(20);
      await new Promise((resolve) => setTimeout(resolve, 15 + (index % 20)));
      while ((await object.claim(60_000)) === "running");
      return object;
    };
    const all = await Promise.all(Array.from({ length: 100 }, claimedTwice));
    // An object whose alarm has rung shows that those of the others had the time for it.
    const last = objects.getByName("claimed once");
    await last.claim(1);
    await expect.poll(() => runInDurableObject(last, (_, { storage }) => storage.getAlarm())).toBeNull();
    expect(await Promise.all(all.map((object) => object.claim(60_000)))).toEqual(all.map(() => "running"));
  });
});
