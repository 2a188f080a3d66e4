import { goalText, row } from "../table.ts";
import type { StreamFigure } from "./compare.ts";
import type { Memory } from "./memory.ts";
import { BURST_CHUNKS } from "./words.ts";

const MEGABYTE = 1_048_576;

/** The section of the table that is about streams. */
export function streamLines(figures: readonly StreamFigure[]): string[] {
  const lines = [row("From yield to the client's socket, ms", "/stream", "bare", "ratio", "goal")];
  for (const figure of figures) {
    if (figure.what !== "stream delay") continue;
    const { runtime, ours, bare, ratio, goal } = figure;
    lines.push(row(`${runtime}, p50`, ours.p50.toFixed(2), bare.p50.toFixed(2), ratio.toFixed(2), goalText(ratio, goal)));
    lines.push(row(`${runtime}, p99`, ours.p99.toFixed(2), bare.p99.toFixed(2)));
  }
  lines.push("", row(`${BURST_CHUNKS} chunks at once, tokens/s`, "/stream", "bare", "ratio"));
  for (const figure of figures) {
    if (figure.what !== "stream burst") continue;
    const { runtime, ours, bare, ratio } = figure;
    lines.push(row(runtime, ours.toFixed(0), bare.toFixed(0), ratio.toFixed(2)));
  }
  for (const figure of figures) if (figure.what === "stream memory") lines.push("", ...memoryLines(figure));
  lines.push(
    "",
    "Bare: a ReadableStream that pulls the same generator and writes each piece as one event, in the same server.",
    "A burst on /stream is gathered into events of 1 kB, after the first 32 kB one every 4 ms, and ends after a gap of 100 ms.",
    "workerd's clock gives whole milliseconds: half of one is added, so its p50 is an estimate and its p99 up to 0.5 ms too high.",
  );
  return lines;
}

function memoryLines({ ours, bare, streams, seconds }: StreamFigure & { what: "stream memory" }): string[] {
  const lines = [row(`${streams} streams for ${seconds} s on Node, MB`, "/stream", "bare", "ratio")];
  const values: [string, keyof Memory][] = [
    ["RSS", "rss"],
    ["heap", "heapUsed"],
  ];
  for (const [name, value] of values) {
    for (const when of ["before", "during", "after"] as const) {
      const [a, b] = [ours[when][value], bare[when][value]];
      lines.push(row(`${name} ${when}`, (a / MEGABYTE).toFixed(1), (b / MEGABYTE).toFixed(1), (a / b).toFixed(2)));
    }
  }
  const kilobytesEach = (side: typeof ours) => (side.during.heapUsed - side.before.heapUsed) / streams / 1024;
  const [a, b] = [kilobytesEach(ours), kilobytesEach(bare)];
  return [...lines, row("heap for each open stream, kB", a.toFixed(1), b.toFixed(1), (a / b).toFixed(2))];
}
