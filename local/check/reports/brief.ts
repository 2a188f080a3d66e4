import { groupBy } from "../../group-by.ts";
import type { Paint } from "../../terminal.ts";
import type { Outcome, ProblemFound, Result } from "../check.ts";
import type { Report } from "../runner.ts";
import { resultsByGroup } from "./summary.ts";
import { groupLine, heading, ids, lastLines, skipped } from "./words.ts";

/** The most characters of a line. Only a command may have more. */
export const WIDTH = 120;
const INDENT = "    ";

/** One thing to fix, and the checks that show it, in order. */
interface Cause {
  readonly worst: Failed;
  readonly results: readonly Failed[];
}

type Failed = Result & { readonly problem: ProblemFound };

/** The report that a person reads to the end: one line for each thing to fix, the worst first. */
export function briefReport(report: Report, paint: Paint): string {
  const causes = causesOf(report.results);
  const risks = causes.filter(({ worst }) => worst.check.risk !== undefined);
  const others = causes.filter((cause) => !risks.includes(cause));
  const breaks = others.some(({ worst }) => worst.outcome !== "warn");
  const lines = [
    ...heading(report, paint),
    ...part(breaks ? "Breaks with the main app today" : "Works with the main app, and should do better", others, paint),
    ...part("A hostile stranger could", risks, paint),
    ...resultsByGroup(report).map(([group, results]) => groupLine(group, results, paint)),
    ...skipped(report.results, paint),
    "",
    ...firstAgain([...others, ...risks], paint),
    ...lastLines(report, paint),
    ...(causes.length > 0 ? [paint("dim", "--verbose shows the request and the answer of each problem.")] : []),
  ];
  return `${lines.join("\n")}\n`;
}

const RANKS: readonly Outcome[] = ["fail", "warn", "known"];
const rank = ({ outcome }: Result) => RANKS.indexOf(outcome);

/** Results with the same fix have the same cause. Failures come first, and of these the causes that most checks show. */
function causesOf(results: readonly Result[]): Cause[] {
  const problems = results.filter((result): result is Failed => result.problem !== undefined);
  const failed = new Map(problems.filter(({ outcome }) => outcome === "fail").map((result) => [result.check.id, result]));
  const causeOf = (result: Failed): Failed => {
    const before = failed.get(result.problem.follows ?? result.check.follows ?? "");
    return before && before !== result ? causeOf(before) : result;
  };
  const causes = [...groupBy(problems, (result) => causeOf(result).problem.fix).values()].map((same) => {
    const [worst] = same.toSorted((a, b) => rank(a) - rank(b));
    return { worst: causeOf(worst as Failed), results: same };
  });
  return causes.sort((a, b) => rank(a.worst) - rank(b.worst) || b.results.length - a.results.length);
}

const MARKS: Partial<Record<Outcome, (paint: Paint) => string>> = {
  fail: (paint) => paint("red", "✗"),
  warn: (paint) => paint("yellow", "!"),
  known: (paint) => paint("yellow", "known"),
};

function part(title: string, causes: readonly Cause[], paint: Paint): string[] {
  if (causes.length === 0) return [];
  return [paint("bold", title), ...causes.flatMap((cause) => causeLines(cause, paint)), ""];
}

function causeLines({ worst, results }: Cause, paint: Paint): string[] {
  const { check, outcome, problem } = worst;
  const text = `${ids(results)}  ${check.risk ? `${check.risk}. ` : ""}${problem.fix}`;
  const [first = "", ...more] = wrapped(text, WIDTH - INDENT.length);
  return [`  ${MARKS[outcome]?.(paint)} ${first}`, ...more.map((line) => `${INDENT}${line}`)];
}

/** The first failure: what was sent, what came, and commands that send it again. Warnings have none. */
function firstAgain(causes: readonly Cause[], paint: Paint): string[] {
  const first = causes.find(({ worst }) => worst.outcome === "fail");
  if (!first) return [];
  const { check, problem } = first.worst;
  const { sent, expected, came } = problem;
  const said = [`sent      ${sent}`, `expected  ${expected}`, `came      ${came}`].map((line) => cut(`  ${line}`));
  const commands = problem.reproduce?.split("\n").map((line) => paint("dim", `  ${line}`)) ?? [];
  return [paint("bold", `${check.id} ${check.name}`), ...said, ...commands, ""];
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
