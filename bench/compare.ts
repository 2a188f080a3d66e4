/** Comparisons that belong together. */
export interface Group {
  readonly title: string;
  readonly sides: readonly [ours: string, other: string];
  readonly rows: readonly Row[];
  readonly goals?: readonly Goal[];
  readonly notes?: readonly string[];
}

/** The limit for the figures whose names end with `ending`. */
export type Goal = readonly [ending: string, of: "ours" | "ratio", most: number];

/** One comparison: the names of its figures, and functions that measure all figures once on each side. */
export interface Row {
  readonly figures: readonly string[];
  /** If there are several, the first is a warm-up and does not count. */
  readonly rounds: number;
  readonly ours: () => Promise<readonly number[]>;
  readonly other: () => Promise<readonly number[]>;
}

/** Medians over all rounds. Each ratio is from two neighbouring measurements: a slow moment of the machine affects both. */
export type Result = Readonly<{ figure: string; ours: number; other: number; ratio: number }>;

/** Measures both sides of a row in interleaved rounds. Prints its progress on stderr. */
export async function compare({ figures, rounds, ours, other }: Row): Promise<Result[]> {
  console.error(`measuring ${figures[0]} …`);
  const all: (readonly [readonly number[], readonly number[]])[] = [];
  for (let round = 0; round < rounds; round++) {
    // The order may matter, so the sides take turns at being first.
    const early = round % 2 === 0 ? await ours() : undefined;
    const theirs = await other();
    all.push([early ?? (await ours()), theirs]);
  }
  return figures.map((figure, index) => {
    const pairs = all.slice(rounds > 1 ? 1 : 0).map(([a, b]) => [a[index] as number, b[index] as number] as const);
    const median = (of: (pair: (typeof pairs)[number]) => number) => quantile(pairs.map(of), 0.5);
    return { figure, ours: median(([a]) => a), other: median(([, b]) => b), ratio: median(([a, b]) => a / b) };
  });
}

/** The smallest value that is at least as large as this `share` (0 to 1) of the values. */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
}
