import { visibleLines } from "../../../shared/visible.ts";
import type { Result } from "../check.ts";
import type { Report } from "../runner.ts";
import { countsOf, resultsByGroup } from "./summary.ts";

/**
 * The report as JUnit XML, one suite for each group. A warning is a passed test with its text in system-out, and a check that is
 * known to fail is a skipped test.
 */
export function junitReport(report: Report): string {
  const suites = resultsByGroup(report).map(([group, results]) => {
    const attributes = `name="${group}" ${numbers(results)} timestamp="${report.startedAt.toISOString().slice(0, 19)}"`;
    return [`  <testsuite ${attributes}>`, ...results.map(testCase), "  </testsuite>"].join("\n");
  });
  const name = escapeXml(`replyhook check ${report.url}`);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${name}" ${numbers(report.results)}>\n${suites.join("\n")}\n</testsuites>\n`;
}

function numbers(results: readonly Result[]): string {
  const { fail, known, skip } = countsOf(results);
  return `tests="${results.length}" failures="${fail}" errors="0" skipped="${skip + known}" time="${seconds(results.reduce((sum, { ms }) => sum + ms, 0))}"`;
}

function testCase({ check, outcome, ms, reason, problem }: Result): string {
  const start = `    <testcase classname="replyhook.${check.group}" name="${escapeXml(`${check.id} ${check.name}`)}" time="${seconds(ms)}"`;
  if (outcome === "skip") return `${start}><skipped message="${escapeXml(reason ?? "")}"/></testcase>`;
  if (!problem) return `${start}/>`;
  const { sent, expected, came, fix, reproduce } = problem;
  const text = escapeXml(
    [`sent: ${sent}`, `expected: ${expected}`, `came: ${came}`, `fix: ${fix}`, reproduce ?? ""].join("\n").trim(),
  );
  if (outcome === "known") return `${start}><skipped message="${escapeXml(`known to fail: ${came}`)}"/></testcase>`;
  if (outcome === "warn") return `${start}><system-out>${text}</system-out></testcase>`;
  return `${start}><failure message="${escapeXml(came)}" type="${check.level}">${text}</failure></testcase>`;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}

/** Text for XML 1.0, which allows no control characters except line ends and tabs, not even as references. */
function escapeXml(text: string): string {
  return visibleLines(text)
    .replace(/[\ufffe\uffff]/g, "\ufffd")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
