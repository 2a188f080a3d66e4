import { expect, test } from "vitest";
import { memoryStore } from "../../shared/once/memory.ts";
import { mainAppForEachTest, quickClock } from "../support/storing.ts";

const { mainApp, webhook } = mainAppForEachTest();
/** Its date stands still, so that two requests have the same signature. */
const clock = { ...quickClock, wallTime: () => 1_795_458_797_000 };

test("a copy that was deferred and then ran the reply, because the first died, is stored once, however many copies follow", async () => {
  const store = memoryStore(clock);
  const first = { hasDied: false };
  const once: typeof store = {
    ...store,
    async claim(key, leaseMs) {
      // The first claims, and is never heard of again.
      if (!first.hasDied) await store.claim(key, 2000);
      first.hasDied = true;
      return store.claim(key, leaseMs);
    },
  };
  const env = { DEFER: "true", REPLY_TIMEOUT_MS: "1000" };
  const { ask, background, log } = webhook(() => "after all", env, clock, { once });
  const deferred = { metadata: { code: "deferred" } };
  expect(await (await ask("/")).json()).toMatchObject(deferred);
  await Promise.all(background);
  expect(mainApp().messages).toMatchObject([{ content: "after all" }]);
  await Promise.all(background);

  expect(await (await ask("/")).json()).toMatchObject(deferred);
  await Promise.all(background);
  expect(mainApp().messages).toHaveLength(1);
  expect(log.filter(({ is_copy }) => is_copy)).toHaveLength(1);
});

test("a copy of a reply that could have been deferred, but was in time, gets that reply", async () => {
  const { ask, background, log } = webhook(() => "in time", { DEFER: "true" }, clock, { once: memoryStore(clock) });
  expect(await (await ask("/")).json()).toEqual({ reply: "in time" });
  await Promise.all(background);
  expect(await (await ask("/")).json()).toEqual({ reply: "in time" });
  expect(log.filter(({ is_copy }) => is_copy)).toHaveLength(1);
});
