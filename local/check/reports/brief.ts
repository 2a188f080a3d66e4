import type { Paint } from "../../terminal.ts";
import type { ProblemFound, Result } from "../check.ts";
import type { Report } from "../runner.ts";
import { resultsByGroup } from "./summary.ts";
import { groupLine, heading, ids, lastLines, skipped } from "./words.ts";

/** The most characters of a line. Only a command may have more. */
export const WIDTH = 120;
const INDENT = "    ";

/** One thing to fix, and the checks that show it. */
interface Cause {
  readonly results: readonly Result[];
  readonly problem: ProblemFound;
}

/** The report that a person reads to the end: one line for each thing to fix, the worst first. */
export function briefReport(report: Report, paint: Paint): string {
  const causes = causesOf(report.results);
  const isRisk = ({ results: [first] }: Cause) => first?.check.risk !== undefined;
  const lines = [
    ...heading(report, paint),
    ...part(
      "Breaks with the main app today",
      causes.filter((cause) => !isRisk(cause)),
      paint,
    ),
    ...part("A hostile stranger could", causes.filter(isRisk), paint),
    ...resultsByGroup(report).map(([group, results]) => groupLine(group, results, paint)),
    ...skipped(report.results, paint),
    "",
    ...firstAgain(causes, paint),
    ...lastLines(report, paint),
  ];
  return `${lines.join("\n")}\n`;
}

/** Results with the same fix have the same cause. Failures come first, and of these the causes that most checks show. */
function causesOf(results: readonly Result[]): Cause[] {
  const failed = new Map(results.filter(({ outcome }) => outcome === "fail").map((result) => [result.check.id, result]));
  const first = (result: Result): Result => {
    const cause = failed.get(result.check.follows ?? "");
    return cause && cause !== result ? first(cause) : result;
  };
  const byFix = Map.groupBy(
    results.filter(({ problem }) => problem),
    (result) => first(result).problem?.fix,
  );
  const causes = [...byFix.values()].map((same) => {
    const worst = first(same.find(({ outcome }) => outcome === "fail") ?? (same[0] as Result));
    return { results: [worst, ...same.filter((result) => result !== worst)], problem: worst.problem as ProblemFound };
  });
  const rank = ({ results: [worst] }: Cause) => ["fail", "warn", "known"].indexOf(worst?.outcome ?? "");
  return causes.sort((a, b) => rank(a) - rank(b) || b.results.length - a.results.length);
}

const MARKS: Partial<Record<Result["outcome"], (paint: Paint) => string>> = {
  fail: (paint) => paint("red", "✗"),
  warn: (paint) => paint("yellow", "!"),
  known: (paint) => paint("yellow", "known"),
};

function part(title: string, causes: readonly Cause[], paint: Paint): string[] {
  if (causes.length === 0) return [];
  return [paint("bold", title), ...causes.flatMap((cause) => causeLines(cause, paint)), ""];
}

function causeLines({ results, problem }: Cause, paint: Paint): string[] {
  const { outcome, check } = results[0] as Result;
  const inOrder = results.toSorted((a, b) => a.check.id.localeCompare(b.check.id));
  const text = `${ids(inOrder)}  ${check.risk ? `${check.risk}. ` : ""}${problem.fix}`;
  const [first = "", ...more] = wrapped(text, WIDTH - INDENT.length);
  return [`  ${MARKS[outcome]?.(paint)} ${first}`, ...more.map((line) => `${INDENT}${line}`)];
}

/** The first failure: what came, and commands that send it again. */
function firstAgain(causes: readonly Cause[], paint: Paint): string[] {
  const [first] = causes;
  if (!first) return [];
  const { check } = first.results[0] as Result;
  const { sent, came, reproduce } = first.problem;
  const said = [`sent  ${sent}`, `came  ${came}`].map((line) => cut(`  ${line}`));
  const commands = reproduce?.split("\n").map((line) => paint("dim", `  ${line}`)) ?? [];
  return [`${paint("bold", `${check.id} ${check.name}`)} (--verbose shows this for each check)`, ...said, ...commands, ""];
}

function cut(line: string): string {
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line;
}

/** The words of `text` in lines of at most `width` characters. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\S) (?=\S)/)) {
    if (line && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line ? `${line} ${word}` : word;
  }
  return [...lines, line];
}
