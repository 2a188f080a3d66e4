import type { Comparison } from "./compare.ts";
import { CONNECTIONS, type HttpComparison } from "./http.ts";
import type { SampleKind } from "./samples.ts";
import type { StreamFigure } from "./streams/compare.ts";
import { streamLines } from "./streams/report.ts";
import { goalText, row } from "./table.ts";

/** One line of the report. */
export type Figure =
  | ({ readonly what: "pipeline"; readonly runtime: "Node" | "workerd"; readonly goal?: number } & SampleKind & Comparison)
  | ({ readonly what: "server" } & SampleKind & HttpComparison)
  | StreamFigure;

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
    const columns = [pipelineUs.toFixed(1), floorUs.toFixed(1), ratio.toFixed(2), goalText(ratio, goal)];
    lines.push(row(`${runtime}, ${kindOf(figure)}`, ...columns));
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
    ...streamLines(figures.filter((figure) => isOfStreams(figure))),
    "",
    verdict(figures),
  );
  return lines.join("\n");
}

function isOfStreams(figure: Figure): figure is StreamFigure {
  return figure.what.startsWith("stream");
}

function verdict(figures: readonly Figure[]): string {
  const goals: { name: string; isHeld: boolean }[] = [];
  for (const figure of figures) {
    if (!("goal" in figure) || figure.goal === undefined) continue;
    const subject = figure.what === "pipeline" ? kindOf(figure) : "stream";
    goals.push({ name: `${figure.runtime} ${subject}`, isHeld: figure.ratio <= figure.goal });
  }
  const named = (held: boolean) =>
    goals
      .filter(({ isHeld }) => isHeld === held)
      .map(({ name }) => name)
      .join(", ") || "none";
  return `Goals held: ${named(true)}. Missed: ${named(false)}.`;
}

function kindOf({ size, text }: SampleKind): string {
  return `${size / 1024} kB ${text}`;
}
