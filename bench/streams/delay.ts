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

export interface DelayOptions {
  readonly pairs: number;
  /** Words of one stream. */
  readonly words: number;
}

/** What a server is still compiling while the first words pass. Netlify's runtime starts a thread for each request. */
const FIRST_WORDS = 10;

/** Streams words from both sides at once, the words of one between those of the other, in pairs of streams. */
export async function compareDelays(
  { url, startClock }: StreamTarget,
  { pairs, words }: DelayOptions,
  signal: AbortSignal,
): Promise<DelayComparison> {
  const delaysOf = async (side: SideName, count: number, clock: () => number) => {
    const pieces = await readStream({ url, side, script: "words", count, signal }, clock);
    const delays = pieces.flatMap(({ bytes, at }) =>
      Array.from(bytes.toString().matchAll(/"text":"([\d.]+) "/g), ([, yieldedAt]) => at - Number(yieldedAt)),
    );
    if (delays.length !== count) throw new Error(`${url} streamed ${delays.length} of ${count} words.`);
    return delays.slice(FIRST_WORDS);
  };

  const sides = ["ours", "bare"] as const;
  for (const side of sides) await delaysOf(side, 2 * FIRST_WORDS, startClock());
  const rounds: Record<SideName, number[]>[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const clock = startClock();
    const [first, second] = pair % 2 === 0 ? sides : sides.toReversed();
    const early = delaysOf(first as SideName, words, clock);
    await wait(WORD_EVERY_MS / 2);
    const [a, b] = await Promise.all([early, delaysOf(second as SideName, words, clock)]);
    rounds.push(first === "ours" ? { ours: a, bare: b } : { ours: b, bare: a });
  }
  const all = (side: SideName): Delay => {
    const delays = rounds.flatMap((round) => round[side]);
    return { p50: median(delays), p99: quantile(delays, 0.99) };
  };
  return {
    ours: all("ours"),
    bare: all("bare"),
    ratio: median(rounds.map(({ ours, bare }) => median(ours) / median(bare))),
    words: rounds.length * (words - FIRST_WORDS),
  };
}
