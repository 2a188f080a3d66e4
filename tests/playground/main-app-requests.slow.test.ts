import { expect, test } from "vitest";
import { startInFront } from "./in-front.ts";

test("after the 8 s of the main app the words are those of a time-out", async () => {
  using all = await startInFront([60_000]);
  await all.through.stream();
  expect((await all.shown()).verdict?.what).toMatch(/was silent for [78](?:\.\d)? s, and the main app gave up/);
}, 20_000);
