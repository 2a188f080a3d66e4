import type { Paint } from "../../terminal.ts";
import type { Result } from "../check.ts";
import type { Report } from "../runner.ts";

/** One way in which two webhooks differ, and all the checks that show it. */
export interface Difference {
  readonly checks: readonly string[];
  readonly name: string;
  readonly here: string;
  readonly there: string;
}

/** Where two webhooks came out differently, or answered with another status or other main headers. */
export function differences(here: Report, there: Report): Difference[] {
  const found = here.results.flatMap((result, index) => {
    const [a, b] = sides(result, there.results[index] as Result);
    return a === b ? [] : [{ check: result.check, here: a, there: b }];
  });
  return [...Map.groupBy(found, ({ here, there }) => `${here}\n${there}`).values()].map((same) => {
    const [{ check, here, there }] = same as [(typeof found)[number]];
    return {
      checks: same.map(({ check }) => check.id),
      name: same.length === 1 ? check.name : "status and headers",
      here,
      there,
    };
  });
}

/** What to show of each: the outcome and what came, or where the outcome is the same, the headers. */
function sides(a: Result, b: Result): [string, string] {
  if (a.outcome !== b.outcome) return [outcomeOf(a), outcomeOf(b)];
  const only = (one: Result, other: Result) =>
    one.seen.filter((seen) => !other.seen.includes(seen)).join(", ") || "nothing else";
  return sameSet(a.seen, b.seen) ? ["", ""] : [only(a, b), only(b, a)];
}

function outcomeOf({ outcome, problem, reason }: Result): string {
  return [outcome, problem?.came ?? reason].filter(Boolean).join(": ");
}

function sameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value) => b.includes(value));
}

export function textDifferences(here: Report, there: Report, paint: Paint): string {
  const [a, b] = [here.url, there.url];
  const found = differences(here, there);
  const width = Math.max(a.length, b.length);
  const lines = found.flatMap(({ checks, name, here, there }) => [
    paint(
      "bold",
      checks.length > 3 ? `${name} in ${checks.length} checks, such as ${checks[0]}` : `${checks.join(" ")} ${name}`,
    ),
    `  ${a.padEnd(width)}  ${here}`,
    `  ${b.padEnd(width)}  ${there}`,
  ]);
  const count = found.length === 1 ? "1 difference" : `${found.length || "No"} ${found.length ? "differences" : "difference"}`;
  const incomplete = [here, there].flatMap((report) =>
    report.incomplete ? [`Not complete at ${report.url}: ${report.incomplete}.`] : [],
  );
  return `${[...lines, `${count} in ${here.results.length} checks.`, ...incomplete].join("\n")}\n`;
}
