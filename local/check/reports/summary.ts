import { GROUPS, type Group, type Outcome, type Result } from "../check.ts";
import type { Report } from "../runner.ts";

export type Counts = Record<Outcome, number>;

export function countsOf(results: readonly Result[]): Counts {
  const counts: Counts = { pass: 0, warn: 0, fail: 0, known: 0, skip: 0 };
  for (const { outcome } of results) counts[outcome]++;
  return counts;
}

/** The results by group, in order. Groups without results are left out. */
export function resultsByGroup({ results }: Report): [Group, readonly Result[]][] {
  return GROUPS.map((group) => [group, results.filter(({ check }) => check.group === group)] as [Group, Result[]]).filter(
    ([, results]) => results.length > 0,
  );
}

/** 0 if every MUST was kept, or is known to fail; 1 if one was not, or if the run is incomplete. */
export function exitCodeOf(report: Report): 0 | 1 {
  return report.incomplete || countsOf(report.results).fail > 0 ? 1 : 0;
}
