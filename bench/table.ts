/** A line of the table: a title, up to three figures, and words. */
export function row(title: string, ...columns: string[]): string {
  return (
    title.padEnd(36) + columns.map((column, index) => (index < 3 ? column.padStart(12) : `  ${column}`)).join("")
  ).trimEnd();
}

/** A goal, and whether the ratio is within it. */
export function goalText(ratio: number, goal: number | undefined): string {
  return goal ? `≤ ${goal.toFixed(2)} ${ratio <= goal ? "held" : "missed"}` : "";
}
