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
    await object.keep(claim.token, "answer", 1);
    await expect.poll(() => Date.now()).toBeGreaterThan((await alarmOf(object)) as number);
    await runDurableObjectAlarm(object);
    expect(await runInDurableObject(object, (_, { storage }) => [...storage.kv.list()])).toEqual([]);
    expect(await object.claim(60_000)).toHaveProperty("token");
  });

  test("an alarm that comes so late that the next claim has begun waits for the end of that claim", async () => {
    const object = objects.getByName("with a late alarm");
    await object.claim(60_000);
    expect(await runDurableObjectAlarm(object)).toBe(true);
    expect(await object.claim(60_000)).toBe("running");
    expect(await alarmOf(object)).toBeGreaterThan(Date.now());
  });
});

const alarmOf = (object: DurableObjectStub<OnceObject>) => runInDurableObject(object, (_, { storage }) => storage.getAlarm());
