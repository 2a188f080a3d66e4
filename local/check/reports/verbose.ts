import type { Paint } from "../../terminal.ts";
import type { ProblemFound, Result } from "../check.ts";
import type { Report } from "../runner.ts";
import { resultsByGroup } from "./summary.ts";
import { groupLine, heading, lastLines, skipped } from "./words.ts";

/** The whole report for people: a line for each group, then the problem of each check that failed or warned. */
export function verboseReport(report: Report, paint: Paint): string {
  const lines = heading(report, paint);
  for (const [group, results] of resultsByGroup(report)) {
    lines.push(groupLine(group, results, paint), ...skipped(results, paint));
    for (const result of results) if (result.problem) lines.push("", ...problemLines(result, result.problem, paint), "");
  }
  return `${[...lines, "", ...lastLines(report, paint)].join("\n").replace(/\n{3,}/g, "\n\n")}\n`;
}

const MARKS = {
  fail: (id: string, paint: Paint) => paint("red", `✗ ${id}`),
  known: (id: string, paint: Paint) => `${paint("yellow", `✗ ${id}`)} known:`,
  warn: (id: string, paint: Paint) => `${paint("yellow", `! ${id}`)} should:`,
};

function problemLines({ check, outcome }: Result, problem: ProblemFound, paint: Paint): string[] {
  const { sent, expected, came, fix, reproduce } = problem;
  return [
    `${MARKS[outcome as keyof typeof MARKS](check.id, paint)} ${paint("bold", check.name)}`,
    `  sent      ${sent}`,
    `  expected  ${expected}`,
    `  came      ${came}`,
    `  fix       ${fix}`,
    ...(reproduce ? ["  again", ...reproduce.split("\n").map((line) => paint("dim", `    ${line}`))] : []),
  ];
}
