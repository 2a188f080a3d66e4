import { groupBy } from "../../group-by.ts";
import type { Paint } from "../../terminal.ts";
import type { Result } from "../check.ts";
import type { Report } from "../runner.ts";

/** One difference between two webhooks, and all checks that show it. */
export interface Difference {
  readonly checks: readonly string[];
  readonly name: string;
  readonly here: string;
  readonly there: string;
}

/** The checks with different outcomes, or with answers of different status or main headers. */
export function differences(here: Report, there: Report): Difference[] {
  const found = here.results.flatMap((result, index) => {
    const [a, b] = sides(result, there.results[index] as Result);
    return a === b ? [] : [{ check: result.check, here: a, there: b }];
  });
  return [...groupBy(found, ({ here, there }) => `${here}\n${there}`).values()].map((same) => {
    const [{ check, here, there }] = same as [(typeof found)[number]];
    return {
      checks: same.map(({ check }) => check.id),
      name: same.length === 1 ? check.name : "status and headers",
      here,
      there,
    };
  });
}

/** The text for each webhook: the outcome and the answer, or the headers if the outcomes are the same. */
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
    report.incomplete ? [`Incomplete at ${report.url}: ${report.incomplete}.`] : [],
  );
  return `${[...lines, `${count} in ${here.results.length} checks.`, ...incomplete].join("\n")}\n`;
}
