import type { Paint } from "../terminal.ts";
import type { Result } from "./check.ts";
import type { Report } from "./runner.ts";
import { shownUrl } from "./summary.ts";

export interface Difference {
  readonly id: string;
  readonly name: string;
  readonly here: string;
  readonly there: string;
}

/** The checks in which two webhooks came out differently, or answered with another status or other main headers. */
export function differences(here: Report, there: Report): Difference[] {
  return here.results.flatMap((result, index) => {
    const other = there.results[index] as Result;
    const [a, b] = sides(result, other);
    return a === b ? [] : [{ id: result.check.id, name: result.check.name, here: a, there: b }];
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
  const [a, b] = [shownUrl(here.url), shownUrl(there.url)];
  const found = differences(here, there);
  const width = Math.max(a.length, b.length);
  const lines = found.flatMap(({ id, name, here, there }) => [
    paint("bold", `${id} ${name}`),
    `  ${a.padEnd(width)}  ${here}`,
    `  ${b.padEnd(width)}  ${there}`,
  ]);
  const last =
    found.length === 0
      ? `No difference in ${here.results.length} checks.`
      : `${found.length} of ${here.results.length} checks differ.`;
  return `${[...lines, last].join("\n")}\n`;
}
