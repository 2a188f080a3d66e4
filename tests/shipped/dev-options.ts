import { afterAll } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { machineEnvironment } from "../http/servers.ts";
import { freshClone } from "../support/fresh-clone.ts";
import { npmRun } from "../support/npm-script.ts";

/** Runs `npm run SCRIPT -- ARGUMENTS` in a fresh clone. */
export function devOptions(script: string) {
  const clone = freshClone();
  afterAll(clone.remove);
  return async (toolArguments: readonly string[], env: Record<string, string> = {}) => {
    const playground = { PLAYGROUND_PORT: String(await freePort()) };
    return npmRun([script, "--", ...toolArguments], clone.folder, { ...machineEnvironment(), ...playground, ...env });
  };
}
