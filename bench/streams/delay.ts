import { setTimeout as wait } from "node:timers/promises";
import { median, quantile } from "../median.ts";
import { readStream } from "./read.ts";
import type { SideName } from "./sides.ts";
import type { StreamTarget } from "./targets.ts";
import { WORD_EVERY_MS } from "./words.ts";

/** Milliseconds from a generator's `yield` to the client's socket. */
export interface Delay {
  readonly p50: number;
  readonly p99: number;
}

export interface DelayComparison {
  readonly ours: Delay;
  readonly bare: Delay;
  /** The median of the ratios of the p50 of streams that ran side by side. */
  readonly ratio: number;
  readonly words: number;
}

const WORDS_PER_STREAM = 80;
/** What a server is still compiling while the first words pass. Netlify's runtime starts a thread for each request. */
const FIRST_WORDS = 10;

/** Streams words from both sides at once, the words of one between those of the other, in `pairs` of streams. */
export async function compareDelays(
  { url, clock }: StreamTarget,
  pairs: number,
  signal: AbortSignal,
): Promise<DelayComparison> {
  const delaysOf = async (side: SideName, startsAfterMs: number) => {
    await wait(startsAfterMs);
    const delays: number[] = [];
    await readStream({ url, side, script: "words", count: WORDS_PER_STREAM, signal }, (bytes) => {
      const now = clock();
      for (const [, yieldedAt] of bytes.toString().matchAll(/"text":"([\d.]+) "/g)) delays.push(now - Number(yieldedAt));
    });
    if (delays.length !== WORDS_PER_STREAM) throw new Error(`${url} streamed ${delays.length} of ${WORDS_PER_STREAM} words.`);
    return delays.slice(FIRST_WORDS);
  };

  const rounds: Record<SideName, number[]>[] = [];
  // The first pair warms up.
  for (let pair = 0; pair <= pairs; pair++) {
    const turn = (isFirst: boolean) => (isFirst ? 0 : WORD_EVERY_MS / 2);
    const oursFirst = pair % 2 === 0;
    const [ours, bare] = await Promise.all([delaysOf("ours", turn(oursFirst)), delaysOf("bare", turn(!oursFirst))]);
    if (pair > 0) rounds.push({ ours, bare });
  }
  const all = (side: SideName): Delay => {
    const delays = rounds.flatMap((round) => round[side]);
    return { p50: median(delays), p99: quantile(delays, 0.99) };
  };
  return {
    ours: all("ours"),
    bare: all("bare"),
    ratio: median(rounds.map(({ ours, bare }) => median(ours) / median(bare))),
    words: rounds.length * (WORDS_PER_STREAM - FIRST_WORDS),
  };
}
