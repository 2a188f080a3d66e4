import { median } from "../median.ts";
import { readStream } from "./read.ts";
import type { SideName } from "./sides.ts";
import type { StreamTarget } from "./targets.ts";
import { BURST_CHUNKS } from "./words.ts";

/** Tokens per second of a reply that is there at once, and how the sides relate: medians over all rounds. */
export interface BurstComparison {
  readonly ours: number;
  readonly bare: number;
  readonly ratio: number;
  readonly rounds: number;
}

/** Streams a reply of many chunks from one side, then from the other. */
export async function compareBursts({ url }: StreamTarget, pairs: number, signal: AbortSignal): Promise<BurstComparison> {
  // From the first byte: a platform's way to it is the same for both.
  const tokensPerSecond = async (side: SideName) => {
    const pieces = await readStream({ url, side, script: "burst", count: BURST_CHUNKS, signal }, () => performance.now());
    const [startedAt = 0, endedAt = 0] = [pieces[0]?.at, pieces.at(-1)?.at];
    return (BURST_CHUNKS * 1000) / (endedAt - startedAt);
  };

  const rounds: Record<SideName, number>[] = [];
  // The first pair warms up.
  for (let pair = 0; pair <= pairs; pair++) {
    const early = pair % 2 === 0 ? await tokensPerSecond("ours") : undefined;
    const bare = await tokensPerSecond("bare");
    const ours = early ?? (await tokensPerSecond("ours"));
    if (pair > 0) rounds.push({ ours, bare });
  }
  return {
    ours: median(rounds.map(({ ours }) => ours)),
    bare: median(rounds.map(({ bare }) => bare)),
    ratio: median(rounds.map(({ ours, bare }) => ours / bare)),
    rounds: rounds.length,
  };
}
