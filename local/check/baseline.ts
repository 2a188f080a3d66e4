import { isRecord } from "../../shared/json-text.ts";
import { UsageError } from "../usage-error.ts";
import type { Result } from "./check.ts";
import { REPORT_SCHEMA } from "./reports/json.ts";
import type { Report } from "./runner.ts";

const WANTED = "--baseline takes the output of an earlier --json run.";

/** The ids of the checks that failed, in the text of an earlier `--json` report. Throws a `UsageError` of one sentence. */
export function baselineIn(text: string, file: string): ReadonlySet<string> {
  const report = parsed(text, file);
  const checks = isRecord(report) && report.schema === REPORT_SCHEMA ? report.checks : undefined;
  if (!Array.isArray(checks) || !checks.every((check) => isRecord(check) && typeof check.id === "string"))
    throw new UsageError(`${file} is not a report: ${WANTED}`);
  const failed = checks.filter(({ outcome }) => outcome === "fail" || outcome === "known");
  return new Set(failed.map(({ id }) => id));
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError(`${file} is not JSON in UTF-8: ${WANTED}`);
  }
}

/** `report` with each failure of the checks in `known` marked as known, and with those of them that do not fail any more. */
export function withBaseline(report: Report, known: ReadonlySet<string>): Report {
  const isKnown = ({ check, outcome }: Result) => outcome === "fail" && known.has(check.id);
  return {
    ...report,
    results: report.results.map((result) => (isKnown(result) ? { ...result, outcome: "known" } : result)),
    fixed: report.results
      .filter(({ check, outcome }) => known.has(check.id) && (outcome === "pass" || outcome === "warn"))
      .map(({ check }) => check.id),
  };
}
