import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { Clock } from "../../shared/clock.ts";
import { copier, netlifyFunction, replyOf } from "../once/netlify-function.ts";

const COPIES = 1000;
/**
 * So many times slower passes the time for the webhook. It gives the store a second, and here one process does all the work of
 * two instances, of a thousand clients, and of Blobs behind a lock.
 */
const SLOWER = 60;

let webhook: Awaited<ReturnType<typeof netlifyFunction>>;
beforeAll(async () => {
  webhook = await netlifyFunction();
  const { timeout } = AbortSignal;
  vi.spyOn(AbortSignal, "timeout").mockImplementation((ms) => timeout(ms * SLOWER));
  vi.doMock(import("../../shared/clock.ts"), async (original) => {
    const clock = await original();
    const slow: Clock = {
      ...clock.systemClock,
      uptime: () => clock.systemClock.uptime() / SLOWER,
      after: (ms, task) => clock.systemClock.after(ms * SLOWER, task),
    };
    return { ...clock, systemClock: slow };
  });
});
afterAll(() => webhook.stop());

test(`of ${COPIES} copies of one request at once, through two instances and on both routes, one runs the reply logic`, {
  timeout: 180_000,
}, async () => {
  // The first runs until each copy has tried to claim.
  const allCame = Promise.withResolvers<void>();
  let claims = 0;
  webhook.blobs.fault = (method) => {
    if (method === "PUT" && ++claims === COPIES) allCame.resolve();
    return undefined;
  };
  let runs = 0;
  const reply = async () => {
    const run = `run ${++runs}`;
    await allCame.promise;
    return run;
  };
  const instances = [await webhook.instance(reply), await webhook.instance(reply)] as const;
  const copy = await copier();
  const startedAt = performance.now();
  const replies = await Promise.all(
    Array.from({ length: COPIES }, async (_, i) => {
      const send = instances[(i % 2) as 0 | 1];
      return replyOf(await send(copy(i % 4 < 2 ? "/" : "/stream")));
    }),
  );
  const ms = Math.round(performance.now() - startedAt);
  await webhook.settled();
  console.info(
    `Netlify Blobs behind a lock: ${COPIES} copies, ${runs} runs, ${new Set(replies).size} different replies, ${ms} ms`,
  );
  expect(webhook.skipped()).toEqual([]);
  expect([runs, new Set(replies)]).toEqual([1, new Set(["run 1"])]);
});
