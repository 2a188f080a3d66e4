import { type Group, type Result, type Spread, verdicts } from "./compare.ts";

const rounded = (figure: number) => (Number.isFinite(figure) ? figure.toFixed(figure < 100 ? 2 : figure < 1000 ? 1 : 0) : "-");

/** A group for the terminal: the medians, and in brackets how many times as much ours is. */
export function asText(group: Group, results: readonly Result[]): string {
  const { title, sides, notes = [] } = group;
  const line = (name: string, cells: readonly string[]) => name.padEnd(40) + cells.map((cell) => cell.padStart(18)).join("");
  const lines = results.map((result) => {
    const cells = result.sides.map(({ median }, side) => {
      const ratio = result.ratios[side - 1];
      return rounded(median) + (ratio ? ` (${rounded(ratio.median)})` : "");
    });
    const goals = verdicts(group, result).map(
      ({ ratioTo, most, spread, isHeld }) =>
        `\n    ${isHeld ? "held" : "MISSED"}: ≤ ${most}${ratioTo ? ` × ${ratioTo}` : ""}; median ${rounded(spread.median)}, min ${rounded(spread.min)}`,
    );
    return line(result.figure, cells) + goals.join("");
  });
  return [line(title, sides), ...lines, ...notes, ""].join("\n");
}

/** A group for a document: for each side the median (min), and how many times as much ours is. */
export function asMarkdown(group: Group, results: readonly Result[]): string {
  const { title, sides, notes = [] } = group;
  const spread = ({ median, min }: Spread) => (median === min ? rounded(median) : `${rounded(median)} (${rounded(min)})`);
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const rows = results.map((result) => {
    const cells = sides.map((_, side) => {
      const [own, ratio] = [result.sides[side], result.ratios[side - 1]];
      return own ? spread(own) + (ratio ? `: **${spread(ratio)}**` : "") : "";
    });
    const goals = verdicts(group, result).map(({ ratioTo, most, isHeld }) => {
      return `${isHeld ? "held" : "missed"}: ≤ ${most}${ratioTo ? ` × ${ratioTo}` : ""}`;
    });
    return line([result.figure, ...cells, ...(group.goals ? [goals.join("<br>")] : [])]);
  });
  const head = [title, ...sides, ...(group.goals ? ["goal"] : [])];
  return [line(head), `|${"---|".repeat(head.length)}`, ...rows, "", ...notes.map((note) => `- ${note}`)].join("\n").trimEnd();
}
