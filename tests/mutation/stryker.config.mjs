import { ROOMS } from "./rooms.ts";

const name = process.env.MUTATION_ROOM ?? "";
const room = ROOMS[name];
if (!room) throw new Error(`there is no room ${name}`);

/** Read from the folder of the repo, as all paths here are. */
export default {
  mutate: room.mutate,
  testRunner: "in-process",
  coverageAnalysis: "perTest",
  // TypeScript 7 has no API that Stryker could use to read one.
  tsconfigFile: "none",
  // The types are checked by `npm run types`. Vitest only removes them.
  disableTypeChecks: false,
  // The sandbox lies in the repo, so its modules are found above it.
  symlinkNodeModules: false,
  ignorePatterns: [
    "**",
    "!shared/**",
    "!tests/**",
    "!local/**",
    "!examples/**",
    "!docs/**",
    "!*.json",
    "tests/mutation/node_modules",
  ],
  incremental: true,
  incrementalFile: `.mutation/${name}.json`,
  tempDirName: `.mutation/sandbox-${name}`,
  reporters: ["progress-append-only", "clear-text", "json", "html"],
  jsonReporter: { fileName: `.mutation/${name}.report.json` },
  htmlReporter: { fileName: `.mutation/${name}.html` },
  clearTextReporter: { logTests: false, reportTests: false, allowColor: false },
  thresholds: { high: 95, low: 90, break: room.atLeast },
  concurrency: 2,
  // A loaded machine is no reason to count a change as found.
  timeoutMS: 10_000,
  timeoutFactor: 4,
  plugins: [new URL("./runner.ts", import.meta.url).pathname],
};
