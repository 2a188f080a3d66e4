import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { fuzzedWebhooks } from "../fuzz/in-process.ts";
import { fuzzRuns, fuzzSeed } from "../fuzz/over-http.ts";

const RUNS = fuzzRuns(100_000);
const PARTS = 10;
/** After half of the parts the store is full. More than the noise of the heap, less than a leak of 1 kB a request. */
const MOST_GROWTH_MB = 25;

test(`${RUNS} generated requests are answered as the contract says, and leave no memory behind`, {
  timeout: 1_800_000,
}, async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const heapMb = () => {
    collect();
    return process.memoryUsage().heapUsed / 2 ** 20;
  };
  const [seed, startedAt] = [fuzzSeed(), performance.now()];
  const fuzz = fuzzedWebhooks();
  const heaps: number[] = [];
  for (let part = 0; part < PARTS; part++) {
    await fuzz(RUNS / PARTS, seed + part);
    heaps.push(heapMb());
  }
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(
    `in this process: ${RUNS} requests, seed ${seed}, 0 failures, ${seconds} s, heap ${heaps.map(Math.round).join(" ")} MB`,
  );
  expect((heaps.at(-1) as number) - (heaps[PARTS / 2 - 1] as number)).toBeLessThan(MOST_GROWTH_MB);
});
