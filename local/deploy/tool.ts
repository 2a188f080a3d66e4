import { type ChildProcess, spawn } from "node:child_process";

/** A command of a platform's own tool. */
export interface ToolCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** The user has pressed Ctrl-C. */
export class Stopped extends Error {}

/** The platform failed or refused. The message is shown as it is, without a stack. */
export class PlatformError extends Error {}

/** A tool's output as JSON; undefined if it is not JSON. */
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

  /** Whether a user is at a terminal, so that the tool can ask questions. */
  get isInteractive(): boolean {
    return Boolean(process.stdin.isTTY && process.stdout.isTTY);
  }

  /** Runs a command at the user's terminal. Resolves with its exit code. */
  async show(command: ToolCommand): Promise<number> {
    return await this.#ended(this.#start(command, "inherit"));
  }

  /** Runs a command whose output is read and not shown. */
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

  /** Passes the signal to the running command. No other command is started after it. */
  stop(signal: NodeJS.Signals): void {
    this.#isStopped = true;
    this.#running?.kill(signal);
  }

  // In our own process group: in another one, the tool could not read the terminal.
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
