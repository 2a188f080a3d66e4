/** `npm run mutate`: changes the core in one place after the other, and tells which changes no test notices. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOMS } from "./rooms.ts";

const HELP = `npm run mutate                  all rooms of shared/: over an hour
npm run mutate -- ROOM ...      ${Object.keys(ROOMS).join(", ")}
npm run mutate -- ROOM --force  forgets the results of earlier runs
Downloads Stryker once (61 MB). Reports, one a room, are in .mutation/
`;

const FOLDER = import.meta.dirname;
const REPO = join(FOLDER, "../..");
const STRYKER = join(FOLDER, "node_modules/@stryker-mutator/core/bin/stryker.js");

const args = process.argv.slice(2);
const options = args.filter((arg) => arg.startsWith("--"));
const named = args.filter((arg) => !arg.startsWith("--"));
const unknown = named.find((name) => !Object.hasOwn(ROOMS, name));

if (options.includes("--help")) console.log(HELP);
else if (unknown) {
  console.error(`There is no room ${unknown}.\n${HELP}`);
  process.exitCode = 2;
} else {
  // Not installed with the repo's own libraries, because few need it.
  const isInstalled = existsSync(STRYKER) || run("npm", ["ci", "--prefix", FOLDER, "--no-audit", "--no-fund"]);
  const rooms = named.length > 0 ? named : Object.keys(ROOMS);
  const passed = rooms.map((room) => isInstalled && mutate(room));
  if (passed.includes(false)) process.exitCode = 1;
}

function mutate(room: string): boolean {
  return run(process.execPath, [STRYKER, "run", join(FOLDER, "stryker.config.mjs"), ...options], {
    MUTATION_ROOM: room,
    // Each change starts the tests anew, and a compiled library starts in a third of the time.
    NODE_COMPILE_CACHE: join(REPO, ".mutation/compiled"),
  });
}

function run(file: string, args: readonly string[], env: Record<string, string> = {}): boolean {
  return spawnSync(file, args, { cwd: REPO, stdio: "inherit", env: { ...process.env, ...env } }).status === 0;
}
