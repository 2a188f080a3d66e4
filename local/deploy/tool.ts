import { type ChildProcess, spawn } from "node:child_process";

/** A command of a platform's own tool. */
export interface ToolCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Thrown instead of going on, once the person has pressed Ctrl-C. */
export class Stopped extends Error {}

/** The platform did not do what was asked of it: shown as it is, without a stack. */
export class PlatformError extends Error {}

/** What a tool said as JSON; undefined where it is none. */
export function jsonOf<Value>(text: string): Value | undefined {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return undefined;
  }
}

/** Runs a platform's tool, one command at a time, until it is told to stop. */
export class Tool {
  #running: ChildProcess | undefined;
  #isStopped = false;

  /** Whether somebody sits at a terminal, where the tool can ask. */
  get isInteractive(): boolean {
    return Boolean(process.stdin.isTTY && process.stdout.isTTY);
  }

  /** The tool talks with the person at the terminal. Resolves with its exit code. */
  async show(command: ToolCommand): Promise<number> {
    return await this.#ended(this.#start(command, "inherit"));
  }

  /** What the tool says is read and not shown. */
  async read(command: ToolCommand): Promise<{ code: number; stdout: string; stderr: string }> {
    const child = this.#start(command, "pipe");
    const said = { stdout: "", stderr: "" };
    for (const name of ["stdout", "stderr"] as const) {
      child[name]?.setEncoding("utf8").on("data", (text: string) => {
        said[name] += text;
      });
    }
    return { code: await this.#ended(child), ...said };
  }

  /** Hands the signal on to what runs, and starts nothing more. */
  stop(signal: NodeJS.Signals): void {
    this.#isStopped = true;
    this.#running?.kill(signal);
  }

  // In our own process group: else the tool could not read the terminal.
  #start({ file, args, env }: ToolCommand, output: "inherit" | "pipe"): ChildProcess {
    if (this.#isStopped) throw new Stopped();
    const child = spawn(file, args, { env, stdio: [output === "pipe" ? "ignore" : "inherit", output, output] });
    this.#running = child;
    return child;
  }

  async #ended(child: ChildProcess): Promise<number> {
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", ({ message }) => reject(new PlatformError(`The platform's tool cannot be started: ${message}.`)));
      child.once("close", (code) => resolve(code ?? 1));
    });
    this.#running = undefined;
    if (this.#isStopped) throw new Stopped();
    return code;
  }
}
