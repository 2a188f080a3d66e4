import type { Group, Result } from "./compare.ts";

const rounded = (figure: number) => (Number.isFinite(figure) ? figure.toFixed(figure < 100 ? 2 : figure < 1000 ? 1 : 0) : "-");

export function asText({ title, sides, goals = [], notes = [] }: Group, results: readonly Result[]): string {
  const line = (name: string, cells: readonly string[]) => name.padEnd(50) + cells.map((cell) => cell.padStart(12)).join("");
  const lines = results.map(({ figure, ...medians }) => {
    const verdicts = goals
      .filter(([ending]) => figure.endsWith(ending))
      .map(([, of, most]) => `  ${of} ≤ ${most}: ${medians[of] <= most ? "held" : "missed"}`);
    return line(figure, [medians.ours, medians.other, medians.ratio].map(rounded)) + verdicts.join("");
  });
  return [line(title, [...sides, "ratio"]), ...lines, ...notes, ""].join("\n");
}
