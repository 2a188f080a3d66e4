import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";

/** From this version on, Node imports TypeScript. So does Node 24, but not every 23. */
const NEEDED = "22.18";
const REPO_NODE = fileURLToPath(new URL("../../node_modules/node/bin/node", import.meta.url));

/**
 * If this Node is too old for TypeScript, runs `script` with the Node that `npm ci` installed, as one child process, and
 * passes on signals and its exit code. Returns false if this Node is new enough.
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
  // The "ipc" channel closes when this process ends for any reason, and the child then stops. The child has its own process
  // group (`detached`), so that it gets a Ctrl-C only once, from here, and not from the terminal too.
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
