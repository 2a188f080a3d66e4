import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { promisify } from "node:util";
import { NETLIFY_CLI } from "../local/dev/targets.ts";
import type { Group, Row } from "./compare.ts";
import { start, startNode, workerConfig } from "./servers.ts";

const run = promisify(execFile);
const WRANGLER = "node_modules/wrangler/bin/wrangler.js";
/** As in wrangler.toml. workerd itself does not know these. */
const BUNDLE = { minify: true, keep_names: false };
const OFFLINE = { CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" };

/** Measures the time from the command to the first answer, and what Cloudflare would count as the Worker's start-up. */
export async function startUp(rounds: number): Promise<Group> {
  const dev = (target: string) => () => firstAnswer(() => startNode(["local/dev/dev.ts", target]));
  const wranglerDev = (port: number) => [
    ...[WRANGLER, "dev", "--config", workerConfig("bench/sides/bare-worker.ts", BUNDLE), "--port", String(port)],
    ...["--ip", "127.0.0.1", "--inspector-port", "0", "--show-interactive-dev-session", "false"],
  ];
  const rows: Row[] = [
    {
      figures: ["dev:node, ms"],
      rounds: rounds + 1,
      sides: [dev("node"), () => firstAnswer(() => startNode(["bench/baseline-server.ts"]))],
    },
    {
      figures: ["dev:worker, ms"],
      rounds,
      sides: [dev("worker"), () => firstAnswer(() => start(process.execPath, wranglerDev, OFFLINE))],
    },
    {
      figures: ["wrangler check startup, ms of CPU", "the Worker's bundle, kB gzipped"],
      rounds,
      sides: ["bench/sides/echo-worker.ts", "bench/sides/bare-worker.ts"].map(
        (main) => () => checkStartup(workerConfig(main, BUNDLE)),
      ),
    },
  ];
  const hasNetlify = await isInstalled(NETLIFY_CLI);
  if (hasNetlify) rows.push({ figures: ["dev:netlify, ms"], rounds: 2, sides: [dev("netlify")] });
  const notes = [
    "Bare: for dev:node, bench/baseline-server.ts with node; for the others, a Worker that only verifies and echoes, with wrangler.",
    "wrangler takes few samples in so short a time, so the CPU time of the start is a rough figure. Cloudflare allows 1 s.",
    ...(hasNetlify ? [] : ["dev:netlify is left out: netlify-cli is not in npm's cache. npm run dev:netlify brings it."]),
  ];
  return { name: "start-up", title: "Start", sides: ["ours", "bare"], rows, notes };
}

async function firstAnswer(begin: () => ReturnType<typeof start>): Promise<number[]> {
  await using server = await begin();
  return [server.startMs];
}

async function checkStartup(config: string): Promise<number[]> {
  const profile = ".wrangler/bench-startup.cpuprofile";
  const args = [WRANGLER, "check", "startup", `--args=--config ${config}`, "--outfile", profile];
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, ...OFFLINE } });
  await rm(profile, { force: true });
  const figure = (pattern: RegExp) => Number(pattern.exec(stdout)?.[1]);
  return [figure(/Active: ([\d.]+) ms/), figure(/gzip: ([\d.]+) KiB/)];
}

/** Whether the package starts without a download. */
function isInstalled(spec: string): Promise<boolean> {
  return run("npx", ["--offline", "--yes", spec, "--version"]).then(
    () => true,
    () => false,
  );
}
