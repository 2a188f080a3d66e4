/**
 * `npm run bench`: what the pipeline costs beside its floor, server.mjs beside the server one would
 * otherwise write, and streams beside bare ones.
 */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { comparePipelineToFloor } from "./compare.ts";
import { compareServers } from "./http.ts";
import { asTable, type Figure, goalOf } from "./report.ts";
import type { SampleKind } from "./samples.ts";
import { compareStreams } from "./streams/compare.ts";
import { startWorkerd } from "./workerd.ts";

const HELP = `npm run bench -- [--quick] [--json]

Compares, side by side and in interleaved rounds:
  the pipeline with its floor, in process, on Node and in workerd
  examples/webhook-typescript/server.mjs with a plain node:http server, over HTTP
  streamed replies with bare streams out of the same server, on Node, in workerd and in Netlify's function runtime

  --quick  under 45 seconds instead of under 3 minutes, and less exact
  --json   the figures as JSON
  --help   this text`;

const FULL = {
  comparisonMs: 3000,
  serverPairs: 6,
  serverSizes: [1024, 16_384],
  streams: { delays: { pairs: 5, words: 80 }, burstPairs: 5, heldSeconds: 30 },
};
const QUICK = {
  comparisonMs: 300,
  serverPairs: 1,
  serverSizes: [1024],
  streams: { delays: { pairs: 1, words: 60 }, burstPairs: 1, heldSeconds: 10 },
};
/** Short on Node, whose clock is exact: the machine changes less between two rounds. */
const NODE_ROUND_MS = 5;

const TEXTS = ["ASCII", "multi-byte"] as const;
const IN_PROCESS = TEXTS.flatMap((text) => [1024, 16_384, 262_144].map((size): SampleKind => ({ size, text })));

async function bench({ comparisonMs, serverPairs, serverSizes, streams }: typeof FULL, signal: AbortSignal): Promise<Figure[]> {
  const figures: Figure[] = [];
  // Every round asks for the time, so that is where a comparison can be stopped.
  const now = () => {
    signal.throwIfAborted();
    return performance.now();
  };
  for (const kind of IN_PROCESS) {
    progress(`Node, ${kind.size} bytes of ${kind.text}`);
    const options = { budgetMs: comparisonMs, roundMs: NODE_ROUND_MS, now };
    figures.push({
      what: "pipeline",
      runtime: "Node",
      ...kind,
      ...goalOf(kind),
      ...(await comparePipelineToFloor(kind, options)),
    });
  }
  const workerd = await startWorkerd(now);
  try {
    for (const kind of IN_PROCESS) {
      progress(`workerd, ${kind.size} bytes of ${kind.text}`);
      figures.push({
        what: "pipeline",
        runtime: "workerd",
        ...kind,
        ...goalOf(kind),
        ...(await workerd.compare(kind, comparisonMs)),
      });
    }
  } finally {
    await workerd.stop();
  }
  for (const size of serverSizes) {
    const kind: SampleKind = { size, text: "ASCII" };
    progress(`HTTP, ${kind.size} bytes of ${kind.text}`);
    figures.push({ what: "server", ...kind, ...(await compareServers(kind, serverPairs, signal)) });
  }
  figures.push(...(await compareStreams(streams, progress, signal)));
  return figures;
}

function progress(what: string): void {
  console.error(`measuring ${what} …`);
}

/** Runs what the command line asks for; gives the exit code. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { quick: { type: "boolean" }, json: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  const stopped = new AbortController();
  const stop = () => {
    // At once, for wrangler ends this process on the same signals.
    console.error("Stopped.");
    stopped.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, stop);
  try {
    const figures = await bench(values.quick ? QUICK : FULL, stopped.signal);
    console.log(values.json ? JSON.stringify(figures, undefined, 2) : asTable(figures));
    return 0;
  } catch (error) {
    // Whatever breaks after Ctrl-C breaks because of it.
    if (!stopped.signal.aborted) throw error;
    return 130;
  }
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
