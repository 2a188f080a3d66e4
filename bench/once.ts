import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobsServer } from "@netlify/blobs/server";
import { blobsOnceStore } from "../functions/webhook/once-store.ts";
import { systemClock } from "../shared/clock.ts";
import { memoryStore } from "../shared/once/memory.ts";
import { onceObjects } from "../tests/support/workerd-config.ts";
import type { Group, Row } from "./compare.ts";
import { type Server, start, workerConfig } from "./servers.ts";
import { type ClaimTimes, claimTimes } from "./sides/claim-times.ts";

const CLAIMS = 100;
const QUANTILES = { p50: 0.5, p99: 0.99 };

/** The Durable Objects, in `wrangler dev`. */
export function startObjects(): Promise<Server> {
  const config = workerConfig("bench/sides/once-worker.ts", onceObjects());
  const args = (port: number) => [
    ...["node_modules/wrangler/bin/wrangler.js", "dev", "--config", config, "--port", String(port), "--ip", "127.0.0.1"],
    ...["--inspector-port", "0", "--show-interactive-dev-session", "false"],
  ];
  return start(process.execPath, args, { CLOUDFLARE_CF_FETCH_ENABLED: "false", WRANGLER_SEND_METRICS: "false" });
}

/** Netlify's own local server of Blobs, in this process. */
export async function startBlobs(): Promise<AsyncDisposable> {
  const directory = await mkdtemp(join(tmpdir(), "replyhook-blobs-"));
  const server = new BlobsServer({ directory, token: "token" });
  const { address } = await server.start();
  const context = { edgeURL: address, uncachedEdgeURL: address, siteID: "site", token: "token" };
  process.env.NETLIFY_BLOBS_CONTEXT = Buffer.from(JSON.stringify(context)).toString("base64");
  return {
    async [Symbol.asyncDispose]() {
      await server.stop();
      await rm(directory, { recursive: true });
    },
  };
}

/** Measures a claim in each store that a signed request can be kept in. */
export function claims({ url }: Server, rounds: number): Group {
  const memory = memoryStore(systemClock);
  const blobs = blobsOnceStore();
  const row = (name: string, measure: () => Promise<ClaimTimes>): Row => ({
    figures: ["a new key", "a kept answer"].flatMap((kind) => Object.keys(QUANTILES).map((q) => `${name}, ${kind}, ${q}`)),
    rounds,
    sides: [async () => Object.values(await measure()).flatMap(quantilesOf)],
  });
  const rows = [
    row("memory, Node", () => claimTimes(memory, CLAIMS)),
    row("Netlify Blobs", () => claimTimes(blobs, CLAIMS)),
    row("Durable Object", async () => (await (await fetch(`${url}?claims=${CLAIMS}`)).json()) as ClaimTimes),
  ];
  const notes = [
    `Each round is ${CLAIMS} claims, one after the other. workerd's clock gives whole milliseconds.`,
    "Blobs: Netlify's local server. Durable Objects: wrangler dev. Neither was measured deployed.",
  ];
  return { name: "once", title: "A claim of the once-only store, ms", sides: ["ours"], rows, notes };
}

function quantilesOf(times: readonly number[]): number[] {
  const sorted = times.toSorted((a, b) => a - b);
  return Object.values(QUANTILES).map((q) => sorted[Math.ceil(q * sorted.length) - 1] ?? Number.NaN);
}
