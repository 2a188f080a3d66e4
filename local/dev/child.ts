import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** A text in the line that says that the child is ready. If undefined, all of its output is shown from the start. */
  readonly ready?: string;
  /** Whether to show a line that the child prints once it is ready. All lines are shown if this is not given. */
  readonly shows?: (line: string) => boolean;
}

/** A child process in its own process group, so that a signal also reaches the processes that it started. */
export class Child {
  readonly #process: ChildProcess;
  readonly #hidden: string[] = [];
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
  /** Resolves when the child is ready. */
  readonly ready: Promise<void>;

  constructor({ file, args, env, ready, shows = () => true }: Command) {
    const announced = Promise.withResolvers<void>();
    this.ready = announced.promise;
    let isReady = ready === undefined;
    if (isReady) announced.resolve();

    this.#process = spawn(file, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const { stdout, stderr } = this.#process;
    for (const [from, to] of [
      [stdout, process.stdout],
      [stderr, process.stderr],
    ] as const) {
      if (!from) continue;
      createInterface({ input: from }).on("line", (line) => {
        if (isReady && shows(line)) to.write(`${line}\n`);
        else this.#hidden.push(line);
        if (ready !== undefined && line.includes(ready)) {
          isReady = true;
          announced.resolve();
        }
      });
    }
    this.exited = new Promise((resolve, reject) => {
      this.#process.once("error", reject);
      this.#process.once("close", (code) => resolve(code ?? 1));
    });
  }

  /** Lines that were not shown. They matter if the child fails to start. */
  get hiddenLines(): readonly string[] {
    return this.#hidden;
  }

  stop(signal: NodeJS.Signals): void {
    if (!this.#process.pid) return;
    try {
      process.kill(-this.#process.pid, signal);
    } catch {
      // The whole group has ended already.
    }
  }
}
