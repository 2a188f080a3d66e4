import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import { freePort } from "../local/dev/port.ts";
import { workerdConfig } from "../tests/support/workerd-config.ts";
import { SECRET } from "./sides/in-process.ts";

/** A server in its own process. */
export type Server = Awaited<ReturnType<typeof start>>;

const ended = new AbortController();
process.once("exit", () => ended.abort());

/** Starts a Node script. `args` has Node's options, then the script. */
export function startNode(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Server> {
  return start(process.execPath, () => args, env);
}

/** Starts a Worker in workerd itself, without the proxy of `wrangler dev`. */
export function startWorker(main: string): Promise<Server> {
  const args = (port: number) => ["serve", workerConfig(main), "--socket-addr", `http=127.0.0.1:${port}`];
  return start("node_modules/workerd/bin/workerd", args);
}

/** The settings of a Worker with the secret of the measurements. Returns the file's name. */
export function workerConfig(main: string, more: object = {}): string {
  return workerdConfig(main, { vars: { WEBHOOK_SECRET: SECRET }, ...more });
}

/** Each starts a server with both sides of a comparison. */
export const startSides = {
  Node: () => startNode(["bench/sides/node.ts"]),
  Netlify: () => startNode(["tests/http/netlify-runtime.mjs"], { FUNCTIONS: "bench/sides/functions" }),
  workerd: () => startWorker("bench/sides/worker.ts"),
};

/** Starts a program, and resolves when it answers GET with its page or with 405. */
export async function start(file: string, argsFor: (port: number) => readonly string[], ownEnv: NodeJS.ProcessEnv = {}) {
  const port = await freePort();
  const [args, url] = [argsFor(port), `http://127.0.0.1:${port}/`];
  const env = { ...process.env, ...ownEnv, WEBHOOK_SECRET: SECRET, PORT: String(port) };
  const end = { signal: ended.signal, killSignal: "SIGKILL" } as const;
  const startedAt = performance.now();
  const child = spawn(file, args, { env, stdio: ["ignore", "ignore", "inherit"], ...end });
  const [exited, late] = [once(child, "exit"), AbortSignal.timeout(60_000)];
  while (![200, 405].includes((await fetch(url).catch(() => ({ status: 0 }))).status)) {
    if (late.aborted || child.exitCode !== null) throw new Error(`${args.join(" ")} does not answer.`);
    await wait(10);
  }
  const startMs = performance.now() - startedAt;
  const stop = async () => {
    child.kill();
    await exited;
  };
  return { url, pid: child.pid as number, startMs, [Symbol.asyncDispose]: stop };
}
