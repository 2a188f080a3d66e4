import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** From this version on, Node imports TypeScript as it is; so does 24, but not every 23. */
const NEEDED = "22.18";
const REPO_NODE = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));

/**
 * On a Node too old for TypeScript, runs `script` with the Node that `npm ci` installed in this repository: one child,
 * its exit code and our signals passed through. Gives false where this Node will do.
 *
 * @param {string} script
 */
export function handOverToNewerNode(script) {
  if (process.features.typescript) return false;
  if (!existsSync(REPO_NODE)) {
    console.error(
      `This needs Node ${NEEDED} or newer, and this is ${process.version}: run "npm ci" in the repository, which brings one, and start again.`,
    );
    process.exitCode = 1;
    return true;
  }
  // The channel tells the child when this process is gone, however it went. In a group of its own it gets a Ctrl-C once,
  // from here, and not from the terminal too.
  const child = spawn(REPO_NODE, [script, ...process.argv.slice(2)], {
    detached: true,
    stdio: ["inherit", "inherit", "inherit", "ipc"],
  });
  process.on("SIGINT", () => child.kill("SIGINT"));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));
  child.on("exit", (code, signal) => process.exit(code ?? 128 + (constants.signals[signal ?? "SIGKILL"] ?? 0)));
  return true;
}
