import { once } from "node:events";
import autocannon from "autocannon";
import { type Group, quantile, type Row } from "./compare.ts";
import { jsonOfSize, signed, TEXTS } from "./samples.ts";
import type { Server } from "./servers.ts";

/** Compares the example's server with a simple one. */
export function overHttp(ours: Server, baseline: Server, sizes: readonly number[], rounds: number): Group {
  const rows = sizes.map((kilobytes): Row => {
    const figures = [`${kilobytes} kB ASCII, requests/s`];
    return { figures, rounds, ours: () => load(ours.url, kilobytes, 1), other: () => load(baseline.url, kilobytes, 1) };
  });
  const notes = ["node:http is bench/baseline-server.ts. It does not validate payloads or log requests."];
  return { title: "16 connections over HTTP", sides: ["server.mjs", "node:http"], rows, notes };
}

/** Sends good requests over 16 connections. Returns the answers per second, and the median latency in milliseconds. */
export async function load(url: string, kilobytes: number, seconds: number): Promise<[perSecond: number, medianMs: number]> {
  const message = signed(jsonOfSize(kilobytes * 1024, TEXTS.ASCII));
  const run = autocannon({ url, ...message, connections: 16, duration: seconds }, () => {});
  // If a server stalls, only few requests are slow, so each counts once for each millisecond that it took.
  const latencies: number[] = [];
  run.on("response", (_client, _status, _bytes, ms) => latencies.push(...Array<number>(Math.ceil(ms)).fill(ms)));
  const [{ errors, non2xx, requests, duration }] = await once(run, "done");
  if (errors + non2xx > 0) throw new Error(`${url} failed good requests: ${errors} broke, ${non2xx} were refused.`);
  return [requests.total / duration, quantile(latencies, 0.5)];
}
