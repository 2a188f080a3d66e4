import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Which of the lines that the child prints are shown. */
  readonly shows: (line: string) => boolean;
}

/** A child process in a group of its own, so that stopping it stops whatever it started. */
export class Child {
  readonly #process: ChildProcess;
  readonly #hidden: string[] = [];
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;

  constructor({ file, args, env, shows }: Command) {
    this.#process = spawn(file, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const { stdout, stderr } = this.#process;
    for (const [source, target] of [
      [stdout, process.stdout],
      [stderr, process.stderr],
    ] as const) {
      if (!source) continue;
      createInterface({ input: source }).on("line", (line) => {
        if (shows(line)) target.write(`${line}\n`);
        else this.#hidden.push(line);
      });
    }
    this.exited = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("close", (code) => resolve(code ?? 1));
    });
  }

  /** What was printed and not shown: worth reading only when the child failed to start. */
  get hiddenLines(): readonly string[] {
    return this.#hidden;
  }

  stop(signal: NodeJS.Signals): void {
    if (!this.#process.pid) return;
    try {
      process.kill(-this.#process.pid, signal);
    } catch {
      // The whole group has gone already.
    }
  }
}
