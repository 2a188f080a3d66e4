import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../../local/dev/port.ts";
import { TARGETS } from "../../local/dev/targets.ts";
import type { TargetStarter } from "../contract/index.ts";
import { sendTo } from "../support/http-target.ts";
import type { TestEnv } from "../support/target.ts";
import { RECORDED_AT } from "../support/vectors.ts";

/** Settings of the webhook. A server under test must not get them from this computer's environment. */
const NAMED = readFileSync(".env.example", "utf8").matchAll(/^(?:# )?([A-Z_]+)=/gm);
const SETTINGS = ["RATE_LIMITER", ...[...NAMED].map(([, name]) => name)];

export function machineEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !SETTINGS.includes(name) && !name.startsWith("VITEST")),
  );
}

interface Server {
  file: string;
  args: readonly string[];
  env: NodeJS.ProcessEnv;
  /** The folder to start it in, if not this repository. */
  cwd?: string;
}

const FUNCTIONS = "tests/entries/functions";
const preload = { NODE_OPTIONS: `--import=${new URL("shift-clock.mjs", import.meta.url)}` };

/** Real workerd: `wrangler dev`, started as by `npm run dev:worker`. */
export const wranglerDev = worker("wrangler dev", "wrangler.toml");

/** The same without the Durable Object, as if somebody had removed its binding. */
export const storelessWorker = worker("wrangler dev without the store", "storeless.toml");

/**
 * `state` is the folder of the Durable Objects. Without it each server has its own, and so no answer that an earlier run of the
 * tests has kept.
 */
export function worker(name: string, config: string, state?: string): TargetStarter {
  const inFolder = (folder: string) =>
    starter(name, (port, env) => {
      return TARGETS.worker.command(port, env, ["--config", `tests/entries/${config}`, "--persist-to", folder]);
    });
  if (state) return inFolder(state);
  return {
    name,
    async start(env) {
      const folder = mkdtempSync(join(tmpdir(), "replyhook-worker-"));
      const { target, stop } = await inFolder(folder).start(env);
      return { target, stop: () => stop().then(() => rmSync(folder, { recursive: true })) };
    },
  };
}

/** Netlify's own function runtime. For each request it loads the whole function again, so this one is small. */
export const netlifyRuntime = starter(
  "Netlify's function runtime",
  (port, env) => ({
    file: process.execPath,
    args: ["tests/http/netlify-runtime.mjs"],
    env: { ...env, ...preload, FUNCTIONS: "tests/entries/echo/functions", PORT: String(port) },
  }),
  { changesBytes: true, slow: true },
);

/** The reference example on plain Node. */
export const nodeServer = node("the Node server");

/** `options` are further ones of Node. */
export function node(name: string, options: readonly string[] = []): TargetStarter {
  return starter(name, (port, env) => ({
    file: process.execPath,
    args: [...options, "tests/entries/server.ts"],
    env: { ...env, ...preload, PORT: String(port) },
  }));
}

/** The contract in standard-library Python. */
export const pythonServer = starter(
  "server.py",
  (port, env) => ({
    file: process.env.PYTHON || "python3",
    args: ["examples/webhook-python/server.py"],
    env: { ...env, PYTHONDONTWRITEBYTECODE: "1", PYTHONPATH: "tests/http/python-clock", PORT: String(port) },
  }),
  { withoutOpenApi: true, plainPage: true, shallowJson: true },
);

/** The whole `netlify dev`. */
export const netlifyDev = starter(
  "netlify dev",
  (port, env) => {
    // What is set in the shell, even to nothing, comes before the .env of this folder.
    const unset = Object.fromEntries(SETTINGS.map((name) => [name, ""]));
    const { file, args, env: all } = TARGETS.netlify.command(port, { ...unset, ...env });
    return { file, args: [...args, "--functions", FUNCTIONS], env: all };
  },
  { missesHangUps: true },
);

/** Starts the program of `command` on a free port, with settings of the test and none of this computer. */
export function starter(
  name: string,
  command: (port: number, env: NodeJS.ProcessEnv) => Server,
  traits: Partial<TargetStarter> = {},
): TargetStarter {
  return {
    name,
    ...traits,
    async start(settings: TestEnv) {
      const startedAt = Date.now();
      const shift = RECORDED_AT * 1000 - startedAt;
      const port = await freePort();
      const { file, args, env, cwd } = command(port, {
        ...machineEnvironment(),
        NODE_ENV: "production",
        CLOCK_SHIFT_MS: String(shift),
        // The dev servers set it too. A test of a deployment unsets it.
        REQUIRE_SIGNATURE: "false",
        ...settings,
      });
      const child = spawn(file, args, { env, cwd, detached: true, stdio: ["ignore", "pipe", "pipe"] });
      const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
      let output = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));

      const up = await Promise.race([answering(port), exited.then(() => false)]);
      if (!up) throw new Error(`${name} did not start:\n${output}`);
      return {
        target: {
          port,
          pid: child.pid,
          send: (request) => sendTo(port, request),
          now: () => Math.floor((Date.now() + shift) / 1000),
        },
        async stop() {
          const isRunning = child.exitCode === null && child.signalCode === null;
          if (child.pid && isRunning) process.kill(-child.pid, "SIGTERM");
          await exited;
        },
      };
    },
  };
}

async function answering(port: number): Promise<true> {
  const health = { method: "GET", path: "/health", headers: [] as [string, string][], body: new Uint8Array() };
  for (;;) {
    const answer = await sendTo(port, health).catch(() => undefined);
    if (answer?.status === 200) return true;
    // There is no event for another program that begins to listen.
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
