import { test } from "vitest";
import { fuzzedWebhooks } from "../fuzz/in-process.ts";

export function fuzzPromises(runs: number): void {
  test(`${runs} generated requests are answered as the contract says`, { timeout: 60_000 }, () => fuzzedWebhooks()(runs));
}
