import { afterAll } from "vitest";
import { machineEnvironment } from "../http/servers.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { npmRun } from "../support/npm-script.ts";

/** Runs `npm run SCRIPT -- ARGUMENTS` in a fresh clone. */
export function devOptions(script: string) {
  const clone = freshClone();
  afterAll(clone.remove);
  return (toolArguments: readonly string[], env: Record<string, string> = {}) =>
    npmRun([script, "--", ...toolArguments], clone.folder, { ...machineEnvironment(), ...env });
}
