import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { stripVTControlCharacters } from "node:util";

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Texts in the lines of the tool. It is ready when it has printed all of them. */
  readonly ready: readonly string[];
  /** A text in the line that says that the webhook cannot be built. The tool itself goes on. */
  readonly broken?: string;
  /** Whether to show a line to the user. */
  readonly shows: (line: string) => boolean;
  /** A text in the line from which on nothing is of use to the user. */
  readonly uselessFrom?: string;
  /** Makes a line of the tool say more. */
  readonly rewrite?: (line: string) => string;
}

/** How the start of a tool ended. */
export type Start = "ready" | "broken" | "ended";

/** A platform's tool in its own process group, so that a signal also reaches the processes that it started. */
export class Child {
  readonly #process: ChildProcess;
  readonly #command: Command;
  readonly #early: string[] = [];
  #missing: readonly string[];
  #isUseless = false;
  #isSignalled = false;
  #hiddenOnce: ((line: string) => boolean) | undefined;
  /** Resolves with the exit code. */
  readonly exited: Promise<number>;
  readonly started: Promise<Start>;

  constructor(command: Command) {
    this.#command = command;
    this.#missing = command.ready;
    const { promise, resolve } = Promise.withResolvers<Start>();
    this.started = promise;

    const { file, args, env } = command;
    this.#process = spawn(file, args, { env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
    const { stdout, stderr } = this.#process;
    for (const [from, to] of [
      [stdout, process.stdout],
      [stderr, process.stderr],
    ] as const) {
      if (from) createInterface({ input: from }).on("line", (line) => this.#take(line, to, resolve));
    }
    this.exited = new Promise((ended, reject) => {
      this.#process.once("error", reject);
      // What a tool started would keep the port, and the pipes open, if the tool alone was killed.
      this.#process.once("exit", () => this.#isSignalled || this.signal("SIGKILL"));
      this.#process.once("close", (code) => {
        resolve("ended");
        ended(code ?? 1);
      });
    });
  }

  /** What it printed until it was ready. None of it has been shown. */
  get early(): readonly string[] {
    return this.#early;
  }

  /** Hides the next line for which `isIt` is true. */
  hideOnce(isIt: (line: string) => boolean): void {
    this.#hiddenOnce = isIt;
  }

  /** Sends the signal, and ends the process after `graceMs` if it still runs. Resolves when it has ended. */
  async stop(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    this.signal(signal);
    const timer = setTimeout(() => this.signal("SIGKILL"), graceMs);
    await this.exited;
    clearTimeout(timer);
  }

  signal(signal: NodeJS.Signals): void {
    this.#isSignalled = true;
    if (!this.#process.pid) return;
    try {
      process.kill(-this.#process.pid, signal);
    } catch {
      // The whole group has ended already.
    }
  }

  #take(text: string, to: NodeJS.WriteStream, started: (start: Start) => void): void {
    const { shows, rewrite, broken, uselessFrom } = this.#command;
    const plain = stripVTControlCharacters(text);
    const line = rewrite ? rewrite(plain) : plain;
    if (uselessFrom && line.includes(uselessFrom)) this.#isUseless = true;
    if (this.#isUseless) return;
    if (this.#missing.length === 0) {
      if (this.#hiddenOnce?.(line)) this.#hiddenOnce = undefined;
      else if (shows(line)) to.write(`${line}\n`);
      return;
    }
    this.#early.push(line);
    this.#missing = this.#missing.filter((expected) => !line.includes(expected));
    if (this.#missing.length === 0) started("ready");
    else if (broken && line.includes(broken)) started("broken");
  }
}
