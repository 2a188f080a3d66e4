import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { connect } from "node:net";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { machineEnvironment } from "../http/servers.ts";
import { payload } from "../support/payload.ts";

export const FOLDER = resolve("examples/webhook-python");
export const PYTHON = process.env.PYTHON || "python3";

export const HELLO = JSON.stringify(payload("hello"));
export const post = (path: string, length = HELLO.length) =>
  `POST ${path} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

const running = new Set<ChildProcess>();
afterEach(() => Promise.all([...running].map((child) => stop(child, "SIGKILL"))));

/** A server that listens. `python` runs before it does: there reply() is replaced, or a limit. */
export async function start(env: Record<string, string> = {}, python = "") {
  const port = await freePort();
  const program = `import sys, threading, time\nsys.path.insert(0, ".")\nimport server\n${python}\nserver.main()\n`;
  const settings = { ...machineEnvironment(), PYTHONDONTWRITEBYTECODE: "1", PORT: String(port), ...env };
  const child = spawn(PYTHON, python ? ["-c", program] : ["server.py"], { cwd: FOLDER, env: settings, stdio: "pipe" });
  running.add(child);
  child.once("close", () => running.delete(child));
  let output = "";
  await new Promise<void>((listening, failed) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => {
        output += data;
        if (output.includes(`/run      http://localhost:${port}/\n`)) listening();
      });
    }
    child.once("close", (code) => failed(new Error(`ended with ${code}: ${output}`)));
  });
  return { port, child, output: () => output };
}

export async function stop(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
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
