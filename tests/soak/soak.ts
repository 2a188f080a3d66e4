/** `npm run soak`: mixed load on the Node server and the Worker for minutes. Exit code 1 if an answer is wrong or memory grows. */
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { freePort } from "../../local/dev/port.ts";
import type { TargetStarter } from "../contract/index.ts";
import { node } from "../http/servers.ts";
import { processTree, residentMb } from "../support/processes.ts";
import type { TestTarget } from "../support/target.ts";
import { Curve } from "./curve.ts";
import { heapMb } from "./heap.ts";
import { FALLBACK, KINDS, SECRET } from "./load.ts";
import { workerd } from "./workerd.ts";

const SAMPLE_MS = 2000;
const PAUSE_MS = 20;
/** Longer than any answer takes. */
const HANG_MS = 90_000;
/** This part of the time is warm-up. Answers are kept for ten minutes, and so memory grows for ten minutes. */
const WARM_UP = 0.75;
/** The steepest slope of the webhook's heap, in MB a minute. Bodies of 1 MB come and go: in less than so many minutes, noise is steeper. */
const MOST_SLOPE = 5;
const FEWEST_MINUTES = 3;

const HELP = `npm run soak                   mixed load on the Node server and on the Worker for 15 minutes
npm run soak -- --minutes 1    for one minute. Memory is then printed, but not judged
`;

const minutes = minutesOf(process.argv.slice(2));
const ended = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => {
    process.exitCode = signal === "SIGINT" ? 130 : 143;
    ended.abort();
  });
}

const [first, second] = [await freePort(), await freePort()];
const servers: [TargetStarter, inspectorPort: number][] = [
  [node("the Node server", [`--inspect=127.0.0.1:${first}`]), first],
  [workerd(second), second],
];
console.log(`Mixed load for ${minutes} minutes: ${Object.keys(KINDS).join(", ")}`);
const results = await Promise.all(servers.map(([server, inspectorPort]) => soak(server, inspectorPort)));
if (results.includes(false)) process.exitCode ||= 1;

/** Resolves with whether every answer was right and memory was flat. */
async function soak(server: TargetStarter, inspectorPort: number): Promise<boolean> {
  const { target, stop } = await server.start({ WEBHOOK_SECRET: SECRET, FALLBACK_REPLY: FALLBACK, CLOCK_SHIFT_MS: "0" });
  try {
    const startedAt = performance.now();
    const passed = () => (performance.now() - startedAt) / 60_000;
    const isOver = () => ended.signal.aborted || passed() >= minutes;
    const wrong: string[] = [];
    const loads = Object.entries(KINDS).map(([name, kind]) => repeat(name, kind, target, isOver, wrong));
    const memory: Memory = { heap: new Curve(), processes: new Map() };
    const watching = watch(target.pid as number, inspectorPort, memory, passed, isOver).catch((error) => {
      wrong.push(`no figures of memory: ${error}`);
    });
    const counts = await Promise.all(loads);
    await watching;

    console.log(`\n${server.name}: ${counts.reduce((sum, count) => sum + count, 0)} requests, ${wrong.length} wrong answers`);
    for (const [index, name] of Object.keys(KINDS).entries()) console.log(`  ${counts[index]} ${name}`);
    console.log(`  heap of the webhook: ${memory.heap}`);
    for (const curve of memory.processes.values()) console.log(`  memory of its process: ${curve}`);
    for (const line of wrong.slice(0, 10)) console.error(`  wrong: ${line}`);

    const isSteep = memory.heap.slope > MOST_SLOPE && minutes * (1 - WARM_UP) >= FEWEST_MINUTES;
    if (isSteep) console.error(`  The heap of the webhook grows by more than ${MOST_SLOPE} MB a minute.`);
    return wrong.length === 0 && !isSteep;
  } finally {
    await stop();
  }
}

/** Sends one kind of load until the end. Resolves with how often. */
async function repeat(name: string, kind: (typeof KINDS)[string], target: TestTarget, isOver: () => boolean, wrong: string[]) {
  let count = 0;
  for (; !isOver(); count++) {
    const problem = await Promise.race([kind(target).catch(String), tooLong()]);
    if (problem) wrong.push(`${name}: ${problem}`);
    await delay(PAUSE_MS);
  }
  return count;
}

/** What is wrong with a request that has no end. */
function tooLong(): Promise<string> {
  return delay(HANG_MS, `no whole answer in ${HANG_MS} ms`, { ref: false });
}

interface Memory {
  /** What the webhook's JavaScript holds. */
  readonly heap: Curve;
  /** What the system shows of each process. */
  readonly processes: Map<number, Curve>;
}

/** Samples memory after the warm-up. Rejects if the webhook has ended. */
async function watch(pid: number, inspectorPort: number, memory: Memory, passed: () => number, isOver: () => boolean) {
  const wait = (ms: number) => delay(ms, undefined, { signal: ended.signal }).catch(() => {});
  await wait(WARM_UP * minutes * 60_000);
  while (!isOver()) {
    memory.heap.add(passed(), await heapMb(inspectorPort));
    for (const process of processTree(pid)) {
      const curve = memory.processes.get(process) ?? new Curve();
      memory.processes.set(process, curve);
      const mb = residentMb(process);
      if (!Number.isNaN(mb)) curve.add(passed(), mb);
    }
    await wait(SAMPLE_MS);
  }
}

/** The minutes that the arguments ask for. Exits if they ask for help, or for what does not exist. */
function minutesOf(args: string[]): number {
  let values: { minutes?: string; help?: boolean } = {};
  try {
    ({ values } = parseArgs({ args, options: { minutes: { type: "string" }, help: { type: "boolean" } } }));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${HELP}`);
    process.exit(1);
  }
  const minutes = Number(values.minutes ?? 15);
  if (values.help || !(minutes > 0)) {
    console.log(values.help ? HELP : `--minutes must be a number above 0.\n\n${HELP}`);
    process.exit(values.help ? 0 : 1);
  }
  return minutes;
}
