import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
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

export interface Running extends AsyncDisposable {
  /** Resolves with the first match in the output, as soon as it is there. Rejects if the command ends before. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** Sends a signal, and resolves with the exit code. */
  stop(signal: NodeJS.Signals): Promise<number | null>;
}

/** Starts a command that runs until it is stopped. */
export function startCli(
  args: readonly string[],
  { env = {}, cwd = EMPTY_FOLDER }: { env?: Record<string, string>; cwd?: string } = {},
): Running {
  const [node, program] = COMMAND;
  const child = spawn(node, [program, ...args], {
    env: { PATH: process.env.PATH ?? "", NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LONGEST_MS,
    killSignal: "SIGKILL",
  });
  // A test that times out disposes of nothing.
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const ended = once(child, "close").finally(() => process.off("exit", kill));
  let output = "";
  const news = new EventEmitter();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (piece: string) => {
      output += piece;
      news.emit("news");
    });
  }
  const stop = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    const [code] = await ended;
    return code;
  };
  return {
    async printed(pattern) {
      for (;;) {
        const found = pattern.exec(output);
        if (found) return found;
        const isEnded = await Promise.race([once(news, "news").then(() => false), ended.then(() => true)]);
        if (isEnded && !pattern.test(output)) throw new Error(`the command ended without ${pattern}:\n${output}`);
      }
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop("SIGKILL");
    },
  };
}
