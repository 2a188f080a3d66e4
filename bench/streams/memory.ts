import { setTimeout as wait } from "node:timers/promises";
import { type Server, startServer, stopServer } from "../servers.ts";
import { readStream } from "./read.ts";
import type { SideName } from "./sides.ts";
import { isUp } from "./targets.ts";
import type { Script } from "./words.ts";

/** Bytes after a garbage collection. */
export interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
}

export interface MemoryOfSide {
  readonly before: Memory;
  /** With all streams open, a second before the first of them ends. */
  readonly during: Memory;
  readonly after: Memory;
}

export type MemoryComparison = Record<SideName, MemoryOfSide> & { readonly streams: number; readonly seconds: number };

const STREAMS = 200;

/** Holds streams of a word a second open, each side in a process of its own, both at the same time. */
export async function compareMemory(seconds: number, signal: AbortSignal): Promise<MemoryComparison> {
  const servers: Server[] = [];
  try {
    const options = { nodeArgs: ["--expose-gc"], isUp };
    const start = () => startServer("bench/streams/node-server.ts", options, servers, signal);
    const [oursAt, bareAt] = await Promise.all([start(), start()]);
    const [ours, bare] = await Promise.all([
      hold(oursAt.url, "ours", seconds, signal),
      hold(bareAt.url, "bare", seconds, signal),
    ]);
    return { ours, bare, streams: STREAMS, seconds };
  } finally {
    await Promise.all(servers.map(stopServer));
  }
}

async function hold(url: string, side: SideName, seconds: number, signal: AbortSignal): Promise<MemoryOfSide> {
  const open = (script: Script, count: number) =>
    Promise.all(
      Array.from({ length: STREAMS }, () => readStream({ url, side, script, count, signal }, () => performance.now())),
    );
  // One round that warms up: what a server compiles and keeps for its first streams is no stream's memory.
  await open("words", 10);
  const before = await memoryOf(url);
  const ended = open("held", seconds);
  const during = wait((seconds - 1) * 1000, undefined, { signal }).then(() => memoryOf(url));
  const [duringHold] = await Promise.all([during, ended]);
  return { before, during: duringHold, after: await memoryOf(url) };
}

async function memoryOf(url: string): Promise<Memory> {
  return (await fetch(new URL("memory", url))).json();
}
