import type { Result } from "../check.ts";
import type { RegisteredCheck } from "../checks/all.ts";
import type { Report, Unchecked } from "../runner.ts";
import { countsOf, exitCodeOf, resultsByGroup } from "./summary.ts";

/** Changes if readers of the JSON must change. */
export const REPORT_SCHEMA = "replyhook-check/1";

/** The report as one JSON value; docs/check.md describes it. */
export function jsonReport(report: Report) {
  const { url, stream, signed, echo, startedAt, ms, requests, results, incomplete, fixed } = report;
  const counts = (some: readonly Result[]) => {
    const { known, ...others } = countsOf(some);
    return fixed ? { ...others, known } : others;
  };
  return {
    schema: REPORT_SCHEMA,
    url,
    stream: stream ?? null,
    signed,
    echo,
    started_at: startedAt.toISOString(),
    ms: Math.round(ms),
    requests: { at_most: requests.atMost, sent: requests.sent },
    exit_code: exitCodeOf(report),
    incomplete: incomplete ?? null,
    ...(fixed && { fixed }),
    summary: counts(results),
    groups: Object.fromEntries(resultsByGroup(report).map(([group, results]) => [group, counts(results)])),
    checks: results.map(jsonResult),
  };
}

/** The JSON when nothing could be checked: the same schema, with an error instead of results. */
export function jsonObstacle({ url, exitCode, message, hints }: Unchecked) {
  return { schema: REPORT_SCHEMA, url, exit_code: exitCode, error: { message, hints } };
}

export function jsonResult({ check, outcome, ms, reason, problem, seen }: Result) {
  const { id, group, level, name } = check;
  const { follows: _, ...told } = problem ?? {};
  return { id, group, level, name, outcome, ms: Math.round(ms), ...(reason && { reason }), ...told, seen };
}

export function jsonList(checks: readonly RegisteredCheck[]) {
  return {
    schema: "replyhook-checks/1",
    checks: checks.map(({ id, group, level, name, risk = null, sends, expects, fix, requests, needs = [] }) => {
      return { id, group, level, name, risk, sends, expects, fix, requests, needs };
    }),
  };
}
