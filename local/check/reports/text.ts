import type { Paint } from "../../terminal.ts";
import type { ProblemFound, Result } from "../check.ts";
import type { Report } from "../runner.ts";
import { type Counts, countsOf, resultsByGroup } from "./summary.ts";

/** The report for people: a line for each group, then the problem of each check that failed or warned. */
export function textReport(report: Report, paint: Paint): string {
  const lines = [paint("bold", `replyhook check ${report.url}`), paint("dim", conditions(report)), ""];
  for (const [group, results] of resultsByGroup(report)) {
    lines.push(`${group.padEnd(10)} ${countsInWords(countsOf(results), paint)}`, ...skipped(results, paint));
    for (const result of results) if (result.problem) lines.push("", ...problemLines(result, result.problem, paint), "");
  }
  return `${[...lines, "", lastLine(report, paint)].join("\n").replace(/\n{3,}/g, "\n\n")}\n`;
}

function conditions({ signed, echo, stream }: Report): string {
  return [
    signed ? "signed" : "unsigned (no --secret)",
    echo ? "an echo" : "not an echo",
    stream ? `stream ${stream}` : "no --stream",
  ].join(" · ");
}

function countsInWords(counts: Counts, paint: Paint): string {
  const words = [
    counts.pass > 0 && paint("green", `${counts.pass} passed`),
    counts.fail > 0 && paint("red", `${counts.fail} failed`),
    counts.warn > 0 && paint("yellow", `${counts.warn} warned`),
    counts.skip > 0 && paint("dim", `${counts.skip} skipped`),
  ];
  return words.filter(Boolean).join(", ");
}

/** The skipped checks, one line for each reason. */
function skipped(results: readonly Result[], paint: Paint): string[] {
  const byReason = Map.groupBy(
    results.filter(({ outcome }) => outcome === "skip"),
    ({ reason }) => reason,
  );
  return [...byReason].map(([reason, group]) => paint("dim", `  – ${ids(group)}: ${reason}`));
}

function ids(results: readonly Result[]): string {
  const names = results.map(({ check }) => check.id);
  const [first, last] = [names[0], names.at(-1)];
  return names.length > 3 && Number(last?.slice(1)) - Number(first?.slice(1)) === names.length - 1
    ? `${first}–${last}`
    : names.join(" ");
}

function problemLines(
  { check, outcome }: Result,
  { sent, expected, came, fix, reproduce }: ProblemFound,
  paint: Paint,
): string[] {
  const title = outcome === "fail" ? paint("red", `✗ ${check.id}`) : paint("yellow", `! ${check.id}`);
  return [
    `${title} ${outcome === "warn" ? "should: " : ""}${paint("bold", check.name)}`,
    `  sent      ${sent}`,
    `  expected  ${expected}`,
    `  came      ${came}`,
    `  fix       ${fix}`,
    ...(reproduce ? ["  again", ...reproduce.split("\n").map((line) => paint("dim", `    ${line}`))] : []),
  ];
}

function lastLine(report: Report, paint: Paint): string {
  const { results, requests, ms, incomplete } = report;
  const counts = countsOf(results);
  const verdict = incomplete || counts.fail > 0 ? paint("red", "FAIL") : paint("green", "PASS");
  const cost = paint("dim", `in ${(ms / 1000).toFixed(1)} s, ${requests.sent} requests`);
  return `${verdict} ${countsInWords(counts, paint)} ${cost}${incomplete ? `\nIncomplete: ${incomplete}.` : ""}`;
}
