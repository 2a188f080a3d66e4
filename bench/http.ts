import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import autocannon from "autocannon";
import { median } from "./median.ts";
import { type Sample, type SampleKind, SECRET, signedSample } from "./samples.ts";

/** Requests per second of each server, and how they relate: medians over all rounds. */
export interface HttpComparison {
  readonly ours: number;
  readonly baseline: number;
  readonly ratio: number;
  readonly rounds: number;
}

export const CONNECTIONS = 16;
const SECONDS_PER_ROUND = 1;
const READY_WITHIN_MS = 10_000;

/** Loads one server, then the other, second by second, with the same messages over kept-alive connections. */
export async function compareServers(kind: SampleKind, pairs: number, signal: AbortSignal): Promise<HttpComparison> {
  const sample = await signedSample(kind, "raw");
  const servers: Server[] = [];
  try {
    const ours = await startServer("examples/webhook-typescript/server.mjs", sample, servers, signal);
    const baseline = await startServer("bench/baseline-server.ts", sample, servers, signal);
    // The first pair warms up.
    const rounds: { ours: number; baseline: number }[] = [];
    for (let pair = 0; pair <= pairs; pair++) {
      const early = pair % 2 === 0 ? await requestsPerSecond(ours, sample, signal) : undefined;
      const theirs = await requestsPerSecond(baseline, sample, signal);
      const round = { ours: early ?? (await requestsPerSecond(ours, sample, signal)), baseline: theirs };
      if (pair > 0) rounds.push(round);
    }
    return {
      ours: median(rounds.map(({ ours }) => ours)),
      baseline: median(rounds.map(({ baseline }) => baseline)),
      ratio: median(rounds.map(({ ours, baseline }) => ours / baseline)),
      rounds: rounds.length,
    };
  } finally {
    await Promise.all(servers.map(stopServer));
  }
}

interface Server {
  readonly script: string;
  readonly url: string;
  readonly process: ChildProcess;
}

async function startServer(script: string, sample: Sample, servers: Server[], signal: AbortSignal): Promise<Server> {
  const port = await freePort();
  const env = { ...process.env, PORT: String(port), WEBHOOK_SECRET: SECRET };
  const child = spawn(process.execPath, [script], { env, stdio: ["ignore", "ignore", "inherit"] });
  signal.addEventListener("abort", () => child.kill("SIGKILL"));
  const server = { script, url: `http://127.0.0.1:${port}/`, process: child };
  servers.push(server);
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (!(await answers(server, sample))) {
    signal.throwIfAborted();
    if (child.exitCode !== null) throw new Error(`${script} ended before it answered.`);
    if (performance.now() > giveUpAt) throw new Error(`${script} did not answer within ${READY_WITHIN_MS / 1000} s.`);
    await wait(50);
  }
  return server;
}

async function answers({ url }: Server, { headers, body }: Sample): Promise<boolean> {
  const response = await fetch(url, { method: "POST", headers, body }).catch(() => undefined);
  return response?.status === 200 && typeof (await response.json()).reply === "string";
}

async function requestsPerSecond({ script, url }: Server, sample: Sample, signal: AbortSignal): Promise<number> {
  signal.throwIfAborted();
  // The client announces the length itself; a second header of that name would be refused.
  const { "content-length": _, ...headers } = sample.headers;
  const body = Buffer.from(sample.body);
  const result = await autocannon({
    url,
    method: "POST",
    headers,
    body,
    connections: CONNECTIONS,
    duration: SECONDS_PER_ROUND,
  });
  const failed = result.errors + result.non2xx;
  if (failed > 0 || result.requests.total === 0) throw new Error(`${script} did not answer every message: ${failed} failed.`);
  return result.requests.total / result.duration;
}

async function stopServer({ process }: Server): Promise<void> {
  if (process.exitCode !== null || process.signalCode !== null) return;
  const ended = once(process, "exit");
  process.kill("SIGTERM");
  await ended;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (typeof address !== "object" || !address) throw new Error("No free port was found.");
  return address.port;
}
