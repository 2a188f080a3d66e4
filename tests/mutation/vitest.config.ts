import { defineConfig } from "vitest/config";
import { ROOMS } from "./rooms.ts";

/** Stryker runs the tests with this. All in one process, without servers. */
export default defineConfig({
  test: {
    root: process.cwd(),
    include: [...(ROOMS[process.env.MUTATION_ROOM ?? ""]?.tests ?? [])],
    testTimeout: 10_000,
  },
});
