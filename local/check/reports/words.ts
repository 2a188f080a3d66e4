import { groupBy } from "../../group-by.ts";
import type { Paint } from "../../terminal.ts";
import type { Group, Outcome, Result } from "../check.ts";
import type { Report } from "../runner.ts";
import { type Counts, countsOf, exitCodeOf } from "./summary.ts";

/** The lines at the top of a report for people: what was checked, and how. */
export function heading({ url, signed, echo, stream }: Report, paint: Paint): string[] {
  const conditions = [
    signed ? "signed" : "unsigned (no --secret)",
    echo ? "an echo" : "not an echo",
    stream ? `stream ${stream}` : "no --stream",
  ];
  return [paint("bold", `replyhook check ${url}`), paint("dim", conditions.join(" · ")), ""];
}

const STYLES = { pass: "green", fail: "red", known: "yellow", warn: "yellow", skip: "dim" } as const;
const WORDS = { pass: "passed", fail: "failed", known: "known to fail", warn: "warned", skip: "skipped" };

function countsInWords(counts: Counts, paint: Paint): string {
  const outcomes = (Object.keys(STYLES) as Outcome[]).filter((outcome) => counts[outcome] > 0);
  return outcomes.map((outcome) => paint(STYLES[outcome], `${counts[outcome]} ${WORDS[outcome]}`)).join(", ");
}

/** The name of a group, and how many of its checks have each outcome. */
export function groupLine(group: Group, results: readonly Result[], paint: Paint): string {
  return `${group.padEnd(10)} ${countsInWords(countsOf(results), paint)}`;
}

/** The skipped checks, one line for each reason. */
export function skipped(results: readonly Result[], paint: Paint): string[] {
  const byReason = groupBy(
    results.filter(({ outcome }) => outcome === "skip"),
    ({ reason }) => reason,
  );
  return [...byReason].map(([reason, group]) => paint("dim", `  – ${ids(group)}: ${reason}`));
}

/** The ids of checks, which are in order. Three or more that follow each other are written as a range. */
export function ids(results: readonly Pick<Result, "check">[]): string {
  const ranges: string[][] = [];
  for (const { check } of results) {
    const last = ranges.at(-1);
    if (last && follows(last.at(-1) as string, check.id)) last.push(check.id);
    else ranges.push([check.id]);
  }
  return ranges.map((range) => (range.length > 2 ? `${range[0]}–${range.at(-1)}` : range.join(" "))).join(" ");
}

function follows(before: string, id: string): boolean {
  return before[0] === id[0] && Number(id.slice(1)) === Number(before.slice(1)) + 1;
}

/** The verdict, the counts and the cost; what the baseline no longer needs; why the run is incomplete. */
export function lastLines(report: Report, paint: Paint): string[] {
  const { results, requests, ms, incomplete, fixed = [] } = report;
  const verdict = exitCodeOf(report) === 0 ? paint("green", "PASS") : paint("red", "FAIL");
  const cost = paint("dim", `in ${(ms / 1000).toFixed(1)} s, ${requests.sent} requests`);
  return [
    `${verdict} ${countsInWords(countsOf(results), paint)} ${cost}`,
    ...(fixed.length > 0 ? [`Not failing any more: ${fixed.join(" ")}. Write the baseline again.`] : []),
    ...(incomplete ? [`Incomplete: ${incomplete}.`] : []),
  ];
}
