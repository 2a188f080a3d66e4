import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A running `npm run` in a process group of its own, as in a terminal. */
export type NpmScript = ReturnType<typeof npmRun>;

/** Starts `npm run` with these arguments in `folder`. */
export function npmRun(args: readonly string[], folder: string, env: NodeJS.ProcessEnv) {
  const child = spawn("npm", ["run", "--silent", ...args], { cwd: folder, env, detached: true });
  const lines: string[] = [];
  const waiting: { text: string; found: () => void }[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      for (const { text, found } of waiting) if (line.includes(text)) found();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
  return {
    lines,
    exited,
    pid: child.pid ?? 0,
    /** Sends a signal to the whole process group, like a Ctrl-C. */
    signal(name: NodeJS.Signals) {
      if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), name);
    },
    /** Closes the reading ends of its output. */
    closeLog(): void {
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    },
    /** Resolves when a line contains `text`. */
    printed(text: string): Promise<void> {
      if (lines.some((line) => line.includes(text))) return Promise.resolve();
      return new Promise<void>((found, failed) => {
        waiting.push({ text, found });
        exited.then((code) => failed(new Error(`ended with ${code} before it printed ${text}:\n${lines.join("\n")}`)));
      });
    },
  };
}
