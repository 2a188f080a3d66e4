import { type BurstComparison, compareBursts } from "./burst.ts";
import { compareDelays, type DelayComparison, type DelayOptions } from "./delay.ts";
import { compareMemory, type MemoryComparison } from "./memory.ts";
import { RUNTIMES, type Runtime } from "./targets.ts";

/** One figure of the streams. */
export type StreamFigure =
  | ({ readonly what: "stream delay"; readonly runtime: Runtime; readonly goal: number } & DelayComparison)
  | ({ readonly what: "stream burst"; readonly runtime: Runtime } & BurstComparison)
  | ({ readonly what: "stream memory"; readonly runtime: "Node" } & MemoryComparison);

export interface StreamOptions {
  readonly delays: DelayOptions;
  readonly burstPairs: number;
  readonly heldSeconds: number;
}

/** The most that the p50 of the delay may be, as a multiple of the bare stream's. */
const DELAY_GOAL = 1.3;

/** Compares streams of the core with bare streams out of the same server, on every platform. */
export async function compareStreams(
  { delays, burstPairs, heldSeconds }: StreamOptions,
  progress: (what: string) => void,
  signal: AbortSignal,
): Promise<StreamFigure[]> {
  const figures: StreamFigure[] = [];
  for (const runtime of Object.keys(RUNTIMES) as Runtime[]) {
    progress(`streams on ${runtime}`);
    const target = await RUNTIMES[runtime](signal);
    try {
      const delay = await compareDelays(target, delays, signal);
      figures.push({ what: "stream delay", runtime, goal: DELAY_GOAL, ...delay });
      figures.push({ what: "stream burst", runtime, ...(await compareBursts(target, burstPairs, signal)) });
    } finally {
      await target.stop();
    }
  }
  progress(`open streams for ${heldSeconds} s`);
  figures.push({ what: "stream memory", runtime: "Node", ...(await compareMemory(heldSeconds, signal)) });
  return figures;
}
