/** `npm run bench`: compares the core with its floor, and with simple webhooks. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compare, type Group, type Result } from "./compare.ts";
import { overHttp } from "./http.ts";
import { inProcess } from "./in-process.ts";
import { claims } from "./once.ts";
import { startNode, startSides } from "./servers.ts";
import { costOfStrangers } from "./strangers.ts";
import { heldStreams, streams } from "./streams.ts";
import { asText } from "./table.ts";

const HELP = `npm run bench -- [--quick | --once | --strangers [--against DIR]] [--json]

Compares, side by side and in interleaved rounds:
  the pipeline with its floor, in process, on Node and in workerd
  examples/webhook-typescript/server.mjs with a plain node:http server, over HTTP
  streamed replies with bare streams out of the same server, on Node, in workerd and in Netlify's function runtime
Figures are medians of the rounds; a ratio is the median of neighbouring rounds' ratios.

  --quick        less exact: under 45 seconds instead of under 3 minutes
  --once         instead: p50 and p99 of a claim in each once-only store
  --strangers    instead: the cost of the worst unsigned requests, and the speed of good ones during an attack (on Linux)
  --against DIR  the same, also compared with another checkout, in which npm ci was run
  --json         prints one line of JSON for each group of figures
  --help         prints this text`;

const FLAG = { type: "boolean" } as const;
const FULL = { rounds: 25, pairs: 6, sizes: [1, 16], words: 80, heldSeconds: 10 };
const QUICK = { rounds: 3, pairs: 2, sizes: [1], words: 60, heldSeconds: 3 };

async function* speed({ rounds, pairs, sizes, words, heldSeconds }: typeof FULL): AsyncGenerator<Group> {
  await using node = await startSides.Node();
  await using workerd = await startSides.workerd();
  await using netlify = await startSides.Netlify();
  await using ours = await startNode(["examples/webhook-typescript/server.mjs"]);
  await using baseline = await startNode(["bench/baseline-server.ts"]);
  yield inProcess(node, workerd, rounds);
  yield overHttp(ours, baseline, sizes, pairs);
  yield streams({ Node: node, workerd, Netlify: netlify }, words, pairs);
  yield heldStreams(heldSeconds);
}

async function main(): Promise<void> {
  const options = { quick: FLAG, once: FLAG, strangers: FLAG, against: { type: "string" }, json: FLAG, help: FLAG } as const;
  const { quick, once, strangers, against, json, help } = parseArgs({ options }).values;
  if (help) return console.log(HELP);
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  if (once) return console.log(await claims());
  for await (const group of strangers || against ? costOfStrangers(against) : speed(quick ? QUICK : FULL)) {
    const results: Result[] = [];
    for (const row of group.rows) results.push(...(await compare(row)));
    console.log(json ? JSON.stringify({ title: group.title, sides: group.sides, results }) : asText(group, results));
  }
}

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => process.exit(130));
await main().catch(({ message }: Error) => {
  console.error(message);
  process.exit(1);
});
