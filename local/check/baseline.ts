import { readFileSync } from "node:fs";
import { isRecord } from "../../shared/json-text.ts";
import type { Result } from "./check.ts";
import { REPORT_SCHEMA } from "./reports/json.ts";
import type { Report } from "./runner.ts";

/** The ids of the checks that failed in an earlier report of `--json`. Throws an error of one sentence. */
export function baselineFrom(file: string): ReadonlySet<string> {
  const report = parsed(file);
  const checks = isRecord(report) && report.schema === REPORT_SCHEMA ? report.checks : undefined;
  if (!Array.isArray(checks) || !checks.every((check) => isRecord(check) && typeof check.id === "string"))
    throw new Error(`${file} is not a report: --baseline takes the output of an earlier --json run.`);
  const failed = checks.filter(({ outcome }) => outcome === "fail" || outcome === "known");
  return new Set(failed.map(({ id }) => id));
}

function parsed(file: string): unknown {
  try {
    // PowerShell's > writes a byte order mark.
    return JSON.parse(readFileSync(file, "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new Error(`${file} is not JSON in UTF-8: --baseline takes the output of an earlier --json run.`);
    throw new Error(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}.`);
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
