import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../local/port.ts";

/** A server in a process of its own. */
export interface Server {
  readonly script: string;
  readonly url: string;
  readonly process: ChildProcess;
}

export interface StartOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Options for Node itself. */
  readonly nodeArgs?: readonly string[];
  /** Whether the server at this URL answers as it should. */
  readonly isUp: (url: string) => Promise<boolean>;
}

const READY_WITHIN_MS = 20_000;

/** Starts `script` on a free port and adds it to `servers`, to be stopped whatever happens; resolves once it answers. */
export async function startServer(
  script: string,
  { env, nodeArgs = [], isUp }: StartOptions,
  servers: Server[],
  signal: AbortSignal,
): Promise<Server> {
  const port = await freePort();
  const child = spawn(process.execPath, [...nodeArgs, script], {
    env: { ...process.env, ...env, PORT: String(port) },
    stdio: ["ignore", "ignore", "inherit"],
  });
  signal.addEventListener("abort", () => child.kill("SIGKILL"));
  const server = { script, url: `http://127.0.0.1:${port}/`, process: child };
  servers.push(server);
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (!(await isUp(server.url).catch(() => false))) {
    signal.throwIfAborted();
    if (child.exitCode !== null) throw new Error(`${script} ended before it answered.`);
    if (performance.now() > giveUpAt) throw new Error(`${script} did not answer within ${READY_WITHIN_MS / 1000} s.`);
    await wait(50);
  }
  return server;
}

export async function stopServer({ process }: Server): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = once(process, "exit");
  process.kill("SIGTERM");
  await ended;
}
