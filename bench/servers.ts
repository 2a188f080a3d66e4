import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as wait } from "node:timers/promises";
import { unstable_readConfig } from "wrangler";
import { freePort } from "../local/dev/port.ts";
import { SECRET } from "./sides/in-process.ts";

/** A server in its own process. */
export type Server = Awaited<ReturnType<typeof start>>;

const ended = new AbortController();
process.once("exit", () => ended.abort());

/** Starts a Node script. `args` has Node's options, then the script. */
export function startNode(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Server> {
  return start(process.execPath, () => args, env);
}

/** Each starts a server with both sides of a comparison. */
export const startSides = {
  Node: () => startNode(["--expose-gc", "bench/sides/node.ts"]),
  Netlify: () => startNode(["tests/http/netlify-runtime.mjs"], { FUNCTIONS: "bench/sides/functions" }),
  /** workerd itself, without the proxy of `wrangler dev`. */
  workerd() {
    const { compatibility_date, compatibility_flags } = unstable_readConfig({ config: "wrangler.toml" });
    mkdirSync(".wrangler", { recursive: true });
    const config = { main: "../bench/sides/worker.ts", compatibility_date, compatibility_flags };
    writeFileSync(".wrangler/bench.json", JSON.stringify(config));
    const args = (port: number) => ["serve", ".wrangler/bench.json", "--socket-addr", `http=127.0.0.1:${port}`];
    return start("node_modules/workerd/bin/workerd", args);
  },
};

/** Resolves when the server answers GET with its page or with 405. */
async function start(file: string, argsFor: (port: number) => readonly string[], ownEnv: NodeJS.ProcessEnv = {}) {
  const port = await freePort();
  const [args, url] = [argsFor(port), `http://127.0.0.1:${port}/`];
  const env = { ...process.env, ...ownEnv, WEBHOOK_SECRET: SECRET, PORT: String(port) };
  const end = { signal: ended.signal, killSignal: "SIGKILL" } as const;
  const child = spawn(file, args, { env, stdio: ["ignore", "ignore", "inherit"], ...end });
  const [exited, late] = [once(child, "exit"), AbortSignal.timeout(20_000)];
  while (![200, 405].includes((await fetch(url).catch(() => ({ status: 0 }))).status)) {
    if (late.aborted || child.exitCode !== null) throw new Error(`${args.join(" ")} does not answer.`);
    await wait(50);
  }
  const stop = async () => {
    child.kill();
    await exited;
  };
  return { url, pid: child.pid as number, [Symbol.asyncDispose]: stop };
}
