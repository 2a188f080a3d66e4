import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BlobsServer } from "@netlify/blobs/server";
import { blobsOnceStore } from "../functions/webhook/once-store.ts";
import { TARGETS } from "../local/dev/targets.ts";
import { systemClock } from "../shared/clock.ts";
import { memoryStore } from "../shared/once/memory.ts";
import { starter } from "../tests/http/servers.ts";
import { claimTimes } from "./sides/claim-times.ts";

const ROUNDS = 20;
const CLAIMS = 20;

/** Measures a claim in each store, in interleaved rounds, and returns a table of its p50 and p99 in milliseconds. */
export async function claims(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "replyhook-blobs-"));
  const server = new BlobsServer({ directory, token: "token" });
  const { address } = await server.start();
  const context = { edgeURL: address, uncachedEdgeURL: address, siteID: "site", token: "token" };
  process.env.NETLIFY_BLOBS_CONTEXT = Buffer.from(JSON.stringify(context)).toString("base64");
  const worker = await workerd.start({});
  try {
    const stores = {
      "memory, on Node": () => claimTimes(memory, CLAIMS),
      "Netlify Blobs, Netlify's local server": () => claimTimes(blobs, CLAIMS),
      "Durable Object, in workerd": async () => {
        const response = await fetch(`http://127.0.0.1:${worker.target.port}/?claims=${CLAIMS}`);
        return (await response.json()) as Awaited<ReturnType<typeof claimTimes>>;
      },
    };
    const memory = memoryStore(systemClock);
    const blobs = blobsOnceStore();
    const rows = Object.entries(stores).map(([name, measure]) => ({
      name,
      measure,
      first: [] as number[],
      copy: [] as number[],
    }));
    for (let round = 0; round <= ROUNDS; round++) {
      for (const row of rows) {
        const { first, copy } = await row.measure();
        // The first round is a warm-up.
        if (round > 0) row.first.push(...first);
        if (round > 0) row.copy.push(...copy);
      }
    }
    return [
      line(`A claim, ms, of ${ROUNDS * CLAIMS} one after the other`, ["new: p50", "p99", "kept: p50", "p99"]),
      ...rows.map(({ name, first, copy }) =>
        line(
          name,
          [first, copy].flatMap((times) => [0.5, 0.99].map((q) => at(times, q))),
        ),
      ),
      "workerd's clock gives whole milliseconds. Deployed stores were not measured: their network comes on top.",
    ].join("\n");
  } finally {
    await worker.stop();
    await server.stop();
    await rm(directory, { recursive: true });
  }
}

const workerd = starter("wrangler dev", (port, env) =>
  TARGETS.worker.command(port, env, ["--config", "tests/entries/wrangler.toml", "bench/sides/once-worker.ts"]),
);

function at(times: readonly number[], quantile: number): string {
  const sorted = times.toSorted((a, b) => a - b);
  return (sorted[Math.floor(quantile * (sorted.length - 1))] ?? Number.NaN).toFixed(3);
}

function line(name: string, cells: readonly string[]): string {
  return name.padEnd(50) + cells.map((cell) => cell.padStart(12)).join("");
}
