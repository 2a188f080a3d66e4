import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** A command that hangs is killed before the test times out. */
const LONGEST_MS = 50_000;
/** The Node and the program that run as `replyhook`. The tests of the package name its own. */
export const COMMAND = [
  process.env.REPLYHOOK_NODE ?? process.execPath,
  process.env.REPLYHOOK_PROGRAM ?? fileURLToPath(new URL("../../local/cli.ts", import.meta.url)),
] as const;

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

const EMPTY_FOLDER = mkdtempSync(join(tmpdir(), "replyhook-cli-"));
process.once("exit", () => rmSync(EMPTY_FOLDER, { recursive: true, force: true }));

/** Runs `replyhook` as a user does. Its environment has only PATH and `env`, and `cwd` is a folder without a `.env`. */
export async function cli(
  args: readonly string[],
  { env = {}, input = "", cwd = EMPTY_FOLDER }: { env?: Record<string, string>; input?: string | Buffer; cwd?: string } = {},
): Promise<Ended> {
  const [node, program] = COMMAND;
  const child = spawn(node, [program, ...args], {
    env: { PATH: process.env.PATH ?? "", NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    cwd,
    timeout: LONGEST_MS,
    killSignal: "SIGKILL",
  });
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, out, err };
}
