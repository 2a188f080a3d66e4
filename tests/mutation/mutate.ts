/** `npm run mutate`: changes the core in one place after the other, and tells which changes no test notices. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOMS } from "./rooms.ts";

const HELP = `npm run mutate                  all rooms: hours
npm run mutate -- ROOM ...      ${Object.keys(ROOMS).join(", ")}
npm run mutate -- ROOM --force  forgets the results of earlier runs
`;

const FOLDER = import.meta.dirname;
const MODULES = join(FOLDER, "node_modules");

const names = process.argv.slice(2).filter((arg) => !arg.startsWith("--"));
const options = process.argv.slice(2).filter((arg) => arg.startsWith("--"));
const unknown = names.find((name) => !Object.hasOwn(ROOMS, name));

if (options.includes("--help") || unknown) {
  console.log(HELP);
  if (unknown) process.exitCode = 2;
} else {
  // Stryker is 61 MB, so `npm ci` in the repo does not install it.
  if (!existsSync(MODULES)) run("npm", ["ci", "--prefix", FOLDER, "--no-audit", "--no-fund"], {});
  for (const room of names.length > 0 ? names : Object.keys(ROOMS)) {
    const stryker = join(MODULES, "@stryker-mutator", "core", "bin", "stryker.js");
    const ok = run(process.execPath, [stryker, "run", join(FOLDER, "stryker.config.mjs"), ...options], {
      MUTATION_ROOM: room,
      // Each change starts the tests anew, and a compiled library starts in a third of the time.
      NODE_COMPILE_CACHE: join(FOLDER, "../../.mutation/compiled"),
    });
    if (!ok) process.exitCode = 1;
  }
}

function run(file: string, args: readonly string[], env: Record<string, string>): boolean {
  return spawnSync(file, args, { stdio: "inherit", env: { ...process.env, ...env } }).status === 0;
}
