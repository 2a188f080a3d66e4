/** `npm run bench`: compares the core with its floor, and with what one could use instead. */
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { compare, type Group, type Result } from "./compare.ts";
import { writeDocument } from "./document.ts";
import { overHttp } from "./http.ts";
import { inProcess } from "./in-process.ts";
import { openStreams } from "./memory.ts";
import { claims, startBlobs, startObjects } from "./once.ts";
import { start, startNode, startSides, startWorker } from "./servers.ts";
import { startUp } from "./start-up.ts";
import { costOfStrangers } from "./strangers.ts";
import { streams } from "./streams.ts";
import { asText } from "./table.ts";
import { startPeers, verification } from "./verification.ts";

const HELP = `npm run bench -- [PART ...] [--quick] [--write] [--json]
npm run bench -- --strangers [--against DIR] | --page [--json]

Compares, side by side and in interleaved rounds. All parts, or those that you name:
  verification  the signature alone, with Web Crypto's own verify and with other libraries, on Node and in workerd. The
                others are in bench/peers; npm ci --prefix bench/peers runs if they are not installed
  pipeline      one request in process, with its floor, on Node and in workerd
  http          the server on Node with a plain node:http server and with the Python example, and the Worker with one that
                only verifies and echoes: 1 kB to 1 MiB, and up to 1,000 earlier messages
  streams       streamed replies with bare streams out of the same server, on Node, in workerd and in Netlify's function runtime
  memory        the same, with up to 1,000 streams open
  once          a claim in each store of the once-only feature: memory, Netlify Blobs, a Durable Object
  start-up      the first answer of each dev server, and wrangler check startup
A figure is the median of the rounds, and in brackets the median of our ratio to it in each round. Less is better.

  --quick        less exact: under 3 minutes instead of under 10
  --write        writes all figures into docs/performance.md, with its pictures
  --strangers    instead: the cost of the worst unsigned requests, and the speed of good ones during an attack (on Linux)
  --against DIR  the same, also compared with another checkout, in which npm ci was run
  --page         instead: the speed of the playground's page in Chromium
  --json         prints one line of JSON for each group of figures, or for each figure of the page
  --help         prints this text`;

const FLAG = { type: "boolean" } as const;
const FULL = { rounds: 25, pairs: 5, ms: 15, seconds: 0.8, words: 80, starts: 3 };
const QUICK = { rounds: 3, pairs: 2, ms: 5, seconds: 0.3, words: 60, starts: 1 };
type Effort = typeof FULL;

const PARTS: Readonly<Record<string, (effort: Effort) => AsyncGenerator<Group>>> = {
  async *verification({ rounds, ms }) {
    await using node = await startPeers.Node();
    yield verification("Node", node, rounds, ms);
    await using workerd = await startPeers.workerd();
    yield verification("workerd", workerd, rounds, 2 * ms);
  },
  async *pipeline({ rounds }) {
    await using node = await startSides.Node();
    await using workerd = await startSides.workerd();
    yield inProcess(node, workerd, rounds);
  },
  async *http({ seconds, pairs }) {
    await using ours = await startNode(["bench/sides/echo-server.ts"]);
    await using plain = await startNode(["bench/baseline-server.ts"]);
    await using python = await start("python3", () => ["examples/webhook-python/server.py"]);
    yield overHttp("Node", { "server.mjs": ours, "node:http": plain, "server.py": python }, seconds, pairs);
    await using worker = await startWorker("bench/sides/echo-worker.ts");
    await using bare = await startWorker("bench/sides/bare-worker.ts");
    yield overHttp("workerd", { "the Worker": worker, "a bare Worker": bare }, seconds, pairs);
  },
  async *streams({ words, pairs }) {
    await using node = await startSides.Node();
    await using workerd = await startSides.workerd();
    await using netlify = await startSides.Netlify();
    yield streams({ Node: node, workerd, Netlify: netlify }, words, pairs);
  },
  async *memory() {
    yield openStreams();
  },
  async *once({ rounds }) {
    await using _blobs = await startBlobs();
    await using objects = await startObjects();
    yield claims(objects, rounds);
  },
  async *"start-up"({ starts }) {
    yield startUp(starts);
  },
};

async function main(): Promise<void> {
  const flags = {
    quick: FLAG,
    write: FLAG,
    strangers: FLAG,
    against: { type: "string" },
    page: FLAG,
    json: FLAG,
    help: FLAG,
  } as const;
  const { values, positionals } = parseArgs({ options: flags, allowPositionals: true });
  const { quick, write, strangers, against, page, json, help } = values;
  if (help) return console.log(HELP);
  const unknown = positionals.find((part) => !Object.hasOwn(PARTS, part));
  if (unknown) throw new Error(`There is no part ${unknown}. The parts: ${Object.keys(PARTS).join(", ")}`);
  const isWhole = positionals.length === 0 && !strangers && !against && !page;
  if (write && !isWhole) throw new Error("--write needs all parts: the figures of a document are from one run.");
  process.chdir(fileURLToPath(new URL("..", import.meta.url)));
  if (page) {
    // Loaded only here: it starts a browser.
    const { figureAsText, pageFigures } = await import("./page.ts");
    for await (const figure of pageFigures({ browsers: 5, pages: 5 }))
      console.log(json ? JSON.stringify(figure) : figureAsText(figure));
    return;
  }

  const measured: [Group, Result[]][] = [];
  for await (const group of strangers || against ? costOfStrangers(against) : parts(positionals, quick ? QUICK : FULL)) {
    const results: Result[] = [];
    console.error(`measuring ${group.title}`);
    for (const row of group.rows) results.push(...(await compare(row)));
    measured.push([group, results]);
    console.log(json ? JSON.stringify({ title: group.title, sides: group.sides, results }) : asText(group, results));
  }
  if (write) writeDocument(measured);
}

async function* parts(names: readonly string[], effort: Effort): AsyncGenerator<Group> {
  for (const [name, part] of Object.entries(PARTS)) if (names.length === 0 || names.includes(name)) yield* part(effort);
}

for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(name, () => process.exit(130));
await main().catch(({ message }: Error) => {
  console.error(message);
  process.exit(1);
});
