import type { Comparison } from "./compare.ts";
import { CONNECTIONS, type HttpComparison } from "./http.ts";
import type { SampleKind } from "./samples.ts";

/** One line of the report. */
export type Figure =
  | ({ readonly what: "pipeline"; readonly runtime: "Node" | "workerd"; readonly goal?: number } & SampleKind & Comparison)
  | ({ readonly what: "server" } & SampleKind & HttpComparison);

/** The most that the pipeline may take, as a multiple of its floor. Only ASCII has goals: it is what matches at once. */
export function goalOf({ size, text }: SampleKind): { goal?: number } {
  if (text !== "ASCII") return {};
  if (size === 1024) return { goal: 1.2 };
  if (size === 262_144) return { goal: 1.1 };
  return {};
}

export function asTable(figures: readonly Figure[]): string {
  const lines = [row("One request in process, µs", "pipeline", "floor", "ratio", "goal")];
  for (const figure of figures) {
    if (figure.what !== "pipeline") continue;
    const { runtime, pipelineUs, floorUs, ratio, goal } = figure;
    const goalText = goal ? `≤ ${goal.toFixed(2)} ${ratio <= goal ? "held" : "missed"}` : "";
    lines.push(row(`${runtime}, ${kindOf(figure)}`, pipelineUs.toFixed(1), floorUs.toFixed(1), ratio.toFixed(2), goalText));
  }
  lines.push("", row("Requests per second over HTTP", "server.mjs", "node:http", "ratio"));
  for (const figure of figures) {
    if (figure.what !== "server") continue;
    const { ours, baseline, ratio } = figure;
    lines.push(row(`${kindOf(figure)}, ${CONNECTIONS} connections`, ours.toFixed(0), baseline.toFixed(0), ratio.toFixed(2)));
  }
  lines.push(
    "",
    "Floor: read the body, crypto.subtle.verify with a kept key, JSON.parse, new Response.",
    "Multi-byte is signed over its ASCII-escaped form, as the main app does, so the pipeline verifies twice; its floor once.",
    "node:http: bench/baseline-server.ts, raw bytes only. server.mjs also validates the payload and logs each request.",
    "Medians of interleaved rounds; a ratio is the median of neighbouring rounds' ratios.",
    "",
    verdict(figures),
  );
  return lines.join("\n");
}

function verdict(figures: readonly Figure[]): string {
  const goals = figures.filter((figure) => figure.what === "pipeline").filter(({ goal }) => goal !== undefined);
  const named = (list: typeof goals) => list.map((figure) => `${figure.runtime} ${kindOf(figure)}`).join(", ") || "none";
  const held = goals.filter(({ ratio, goal = 0 }) => ratio <= goal);
  const missed = goals.filter((figure) => !held.includes(figure));
  return `Goals held: ${named(held)}. Missed: ${named(missed)}.`;
}

function kindOf({ size, text }: SampleKind): string {
  return `${size / 1024} kB ${text}`;
}

function row(title: string, ...columns: string[]): string {
  return (
    title.padEnd(36) + columns.map((column, index) => (index < 3 ? column.padStart(12) : `  ${column}`)).join("")
  ).trimEnd();
}
