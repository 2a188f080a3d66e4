import autocannon from "autocannon";
import { median } from "./median.ts";
import { type Sample, type SampleKind, SECRET, signedSample } from "./samples.ts";
import { type Server, startServer, stopServer } from "./servers.ts";

/** Requests per second of each server, and how they relate: medians over all rounds. */
export interface HttpComparison {
  readonly ours: number;
  readonly baseline: number;
  readonly ratio: number;
  readonly rounds: number;
}

export const CONNECTIONS = 16;
const SECONDS_PER_ROUND = 1;

/** Loads one server, then the other, second by second, with the same messages over kept-alive connections. */
export async function compareServers(kind: SampleKind, pairs: number, signal: AbortSignal): Promise<HttpComparison> {
  const sample = await signedSample(kind, "raw");
  const servers: Server[] = [];
  const options = { env: { WEBHOOK_SECRET: SECRET }, isUp: (url: string) => answers(url, sample) };
  try {
    const ours = await startServer("examples/webhook-typescript/server.mjs", options, servers, signal);
    const baseline = await startServer("bench/baseline-server.ts", options, servers, signal);
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

async function answers(url: string, { headers, body }: Sample): Promise<boolean> {
  const response = await fetch(url, { method: "POST", headers, body });
  return response.status === 200 && typeof (await response.json()).reply === "string";
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
