/** Comparisons that belong together. */
export interface Group {
  readonly title: string;
  readonly sides: readonly [ours: string, other: string];
  readonly rows: readonly Row[];
  readonly goals?: readonly Goal[];
  readonly notes?: readonly string[];
}

/** The most that figures may be whose names end like this. */
export type Goal = readonly [ending: string, of: "ours" | "ratio", most: number];

/** One comparison: the names of its figures, and how to measure all of them once on each side. */
export interface Row {
  readonly figures: readonly string[];
  /** If there is more than one, the first warms up and does not count. */
  readonly rounds: number;
  readonly ours: () => Promise<readonly number[]>;
  readonly other: () => Promise<readonly number[]>;
}

/** Medians over all rounds. The ratio is that of neighbouring measurements, which a slow moment of the machine hits alike. */
export type Result = Readonly<{ figure: string; ours: number; other: number; ratio: number }>;

/** Measures both sides of a row in interleaved rounds, and says so on stderr. */
export async function compare({ figures, rounds, ours, other }: Row): Promise<Result[]> {
  console.error(`measuring ${figures[0]} …`);
  const all: (readonly [readonly number[], readonly number[]])[] = [];
  for (let round = 0; round < rounds; round++) {
    // The side that begins may find the machine in another state, so they take turns.
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

/** The least of the values that the given share of them, from 0 to 1, does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.ceil(share * values.length) - 1] ?? Number.NaN;
}
