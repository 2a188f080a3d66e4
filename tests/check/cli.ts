import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** One that hangs is ended before the test is, so that nothing of it is left. */
const LONGEST_MS = 50_000;
const CLI = fileURLToPath(new URL("../../local/cli.ts", import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs `replyhook` as a person would, with nothing but what is given in its environment. */
export async function cli(
  args: readonly string[],
  { env = {}, input = "" }: { env?: Record<string, string>; input?: string | Buffer } = {},
): Promise<Ended> {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env.PATH ?? "", ...env },
    timeout: LONGEST_MS,
    killSignal: "SIGKILL",
  });
  child.stdin.end(input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  return { code, out, err };
}
