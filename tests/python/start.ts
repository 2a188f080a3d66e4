import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { machineEnvironment } from "../http/servers.ts";

export const FOLDER = resolve("examples/webhook-python");
export const PYTHON = process.env.PYTHON || "python3";

const running = new Set<ChildProcess>();
afterEach(() => Promise.all([...running].map((child) => stop(child, "SIGKILL"))));

/** Starts the real process, without waiting for it. */
export function launch(file: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const settings = { ...machineEnvironment(), PYTHONDONTWRITEBYTECODE: "1", ...env };
  const child = spawn(file, args, { cwd: FOLDER, env: settings, stdio: ["ignore", "pipe", "pipe"] });
  running.add(child);
  child.once("close", () => running.delete(child));
  return child;
}

/** A server that listens. `python` runs before it does, with its modules imported: there reply() is replaced, or a limit. */
export async function start(env: Record<string, string> = {}, python = "") {
  const port = await freePort();
  const program = `import sys, threading, time\nsys.path.insert(0, ".")\nimport server, store\n${python}\nserver.main()\n`;
  const child = launch(PYTHON, python ? ["-c", program] : ["server.py"], { PORT: String(port), ...env });
  let output = "";
  await new Promise<void>((listening, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on("data", (data) => {
        output += data;
        if (output.includes(`/run      http://localhost:${port}/\n`)) listening();
      });
    }
    child.once("exit", (code) => failed(new Error(`the webhook ended with ${code}: ${output}`)));
  });
  return { port, child, output: () => output };
}

export async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const ended = once(child, "close");
  child.kill(signal);
  return (await ended)[0] as number | null;
}

/** What comes back for exact bytes, until the server closes the connection. */
export async function rawAnswer(port: number, bytes: string, host = "127.0.0.1"): Promise<string> {
  const socket = connect(port, host);
  socket.write(bytes);
  return text(socket);
}
