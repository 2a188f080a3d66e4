/** Comparisons that belong together. */
export interface Group {
  /** The part of the benchmark that it belongs to, and its mark in docs/performance.md. */
  readonly name: string;
  readonly title: string;
  /** The names of the sides. The first one is ours: each of the others is compared with it. */
  readonly sides: readonly string[];
  readonly rows: readonly Row[];
  readonly goals?: readonly Goal[];
  readonly notes?: readonly string[];
  readonly charts?: (results: readonly Result[]) => readonly Chart[];
}

/** A chart of the figures, drawn by chart.ts. A point is what it is measured at, and the figure. */
export interface Chart {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly lines: readonly { readonly name: string; readonly points: readonly (readonly [x: number, y: number])[] }[];
}

export interface Axis {
  readonly label: string;
  readonly scale: "linear" | "log";
}

/** The limit for the figures whose names end with `ending`: for the ratio to a side, or for ours alone. */
export interface Goal {
  readonly ending: string;
  readonly ratioTo?: string;
  readonly most: number;
}

/** On a busy machine, a row ends early: after this time, if it has had so many rounds. */
const [ENOUGH_MS, ENOUGH_ROUNDS] = [10_000, 3];

/** One comparison: the names of its figures, and for each side a function that measures all of them once. Less is better. */
export interface Row {
  readonly figures: readonly string[];
  /** If there are several, the first is a warm-up and does not count. */
  readonly rounds: number;
  /** In the order of the group's sides. The last ones may be missing. */
  readonly sides: readonly (() => Promise<readonly number[]>)[];
}

/** What a figure came to: its median and its minimum over all rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
}

/** A figure of each side, and our ratio to each of the others. A ratio's `min` is the ratio of the minima. */
export interface Result {
  readonly figure: string;
  readonly sides: readonly Spread[];
  readonly ratios: readonly Spread[];
}

/**
 * Measures the sides of a row in interleaved rounds. Prints its progress on stderr. The median of a ratio is over ratios of
 * the same round: a slow moment of the machine affects all of its sides.
 */
export async function compare({ figures, rounds, sides }: Row): Promise<Result[]> {
  console.error(`  ${figures[0]} …`);
  const all: (readonly number[])[][] = [];
  const startedAt = performance.now();
  for (let round = 0; round < rounds; round++) {
    if (round >= ENOUGH_ROUNDS && performance.now() - startedAt > ENOUGH_MS) break;
    const measured: (readonly number[])[] = [];
    // The order may matter, so the sides take turns at being first.
    for (let turn = 0; turn < sides.length; turn++) {
      const side = (round + turn) % sides.length;
      measured[side] = (await sides[side]?.()) ?? [];
    }
    all.push(measured);
  }
  const counted = all.slice(rounds > 1 ? 1 : 0);
  return figures.map((figure, index) => {
    const of = (side: number) => counted.map((round) => round[side]?.[index] ?? Number.NaN);
    const ours = of(0);
    const spreads = sides.map((_, side) => ({ median: quantile(of(side), 0.5), min: Math.min(...of(side)) }));
    const ratios = spreads.slice(1).map(({ min }, other) => {
      const theirs = of(other + 1);
      const median = quantile(
        ours.map((figure, round) => figure / (theirs[round] as number)),
        0.5,
      );
      return { median, min: Math.min(...ours) / min };
    });
    return { figure, sides: spreads, ratios };
  });
}

/** Whether the figures of a group with that name keep its goals. */
export function verdicts({ sides, goals = [] }: Group, { figure, sides: [ours], ratios }: Result) {
  return goals
    .filter(({ ending }) => figure.endsWith(ending))
    .flatMap(({ ratioTo, most }) => {
      const spread = ratioTo === undefined ? ours : ratios[sides.indexOf(ratioTo) - 1];
      return spread ? [{ ratioTo, most, spread, isHeld: spread.median <= most }] : [];
    });
}

/** The smallest value that is at least as large as this `share` (0 to 1) of the values. */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
}
