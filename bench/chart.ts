import type { Axis, Chart } from "./compare.ts";

/** A panel, the plot in it, and the least distance between the labels of two lines, in pixels. */
const [WIDTH, HEIGHT] = [460, 330];
const PLOT = { left: 58, top: 40, right: 330, bottom: 280 };
const LABEL_HEIGHT = 15;
/** The first line is ours; the second is the floor. Each has a colour on white and one on black. */
const COLOURS = [
  ["#0f766e", "#2dd4bf"],
  ["#64748b", "#94a3b8"],
  ["#b45309", "#fbbf24"],
  ["#7c3aed", "#c4b5fd"],
  ["#be185d", "#f9a8d4"],
  ["#1d4ed8", "#93c5fd"],
] as const;
const coloursOf = (theme: 0 | 1) =>
  COLOURS.map((colours, i) => `.s${i}{stroke:${colours[theme]}}.f${i}{fill:${colours[theme]}}`).join("");
const STYLE = [
  "text{font:12px system-ui,sans-serif;fill:#16202a}.b{font-weight:600;font-size:14px}.soft{fill:#55626e}",
  ".grid{stroke:#d5dde2}.line{fill:none;stroke-width:1.75}.s0{stroke-width:3}.s1{stroke-dasharray:5 4}",
  coloursOf(0),
  `@media (prefers-color-scheme:dark){text{fill:#e6edf1}.soft{fill:#9fb0bb}.grid{stroke:#33424d}${coloursOf(1)}}`,
].join("\n");

/** Charts side by side, as one SVG picture for light and dark pages. `description` is for those who do not see it. */
export function asSvg(description: string, charts: readonly Chart[]): string {
  const width = WIDTH * charts.length;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" role="img" aria-labelledby="t">`,
    `<title id="t">${escaped(description)}</title>`,
    `<style>\n${STYLE}\n</style>`,
    ...charts.map((chart, index) => `<g transform="translate(${index * WIDTH})">\n${panel(chart).join("\n")}\n</g>`),
    "</svg>",
    "",
  ].join("\n");
}

function panel({ title, x, y, lines }: Chart): string[] {
  const points = lines.flatMap((line) => line.points).filter(([, figure]) => Number.isFinite(figure));
  const xs = [...new Set(points.map(([at]) => at))];
  const xOf = position(x, xs, PLOT.left, PLOT.right);
  const yTicks = ticksFor(
    y,
    points.map(([, figure]) => figure),
  );
  const yOf = position(y, yTicks, PLOT.bottom, PLOT.top);
  const labels = spreadOut(lines.map(({ points }) => yOf(points.findLast(([, figure]) => Number.isFinite(figure))?.[1] ?? 0)));
  return [
    `<text class="b" x="${PLOT.left}" y="18">${escaped(title)}</text>`,
    `<text class="soft" x="${PLOT.left}" y="${PLOT.top - 8}">${escaped(y.label)}</text>`,
    `<text class="soft" x="${PLOT.right}" y="${HEIGHT - 12}" text-anchor="end">${escaped(x.label)}</text>`,
    ...yTicks.flatMap((tick) => [
      `<path class="grid" d="M${PLOT.left} ${yOf(tick)}H${PLOT.right}"/>`,
      `<text class="soft" x="${PLOT.left - 8}" y="${yOf(tick) + 4}" text-anchor="end">${tick.toLocaleString("en")}</text>`,
    ]),
    ...xs.map(
      (at) =>
        `<text class="soft" x="${xOf(at)}" y="${PLOT.bottom + 18}" text-anchor="middle">${at.toLocaleString("en")}</text>`,
    ),
    // The first line is ours, so it is drawn last and lies above the others.
    ...lines
      .map(({ name, points }, index) => {
        const path = points.filter(([, figure]) => Number.isFinite(figure)).map(([at, figure]) => `${xOf(at)} ${yOf(figure)}`);
        const label = `<text class="f${index}" x="${PLOT.right + 10}" y="${(labels[index] as number) + 4}">${escaped(name)}</text>`;
        return `<path class="line s${index}" d="M${path.join("L")}"/>${label}`;
      })
      .reverse(),
  ];
}

/** Where a value lies between two pixels. The values are what the axis must show. */
function position({ scale }: Axis, values: readonly number[], from: number, to: number): (value: number) => number {
  const measure = scale === "log" ? Math.log : (value: number) => value;
  const [low, high] = [measure(Math.min(...values)), measure(Math.max(...values))];
  return (value) => Math.round((from + ((measure(value) - low) / (high - low)) * (to - from)) * 10) / 10;
}

/** Round numbers from below the least value, or from zero, to above the greatest. */
function ticksFor({ scale }: Axis, values: readonly number[]): number[] {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (scale === "log") {
    const decades = Array.from({ length: 12 }, (_, exponent) => 10 ** (exponent - 3));
    const all = decades.flatMap((decade) => (most / least < 500 ? [decade, 2 * decade, 5 * decade] : [decade]));
    const first = all.findLastIndex((tick) => tick <= least);
    return all.slice(first, all.findIndex((tick) => tick >= most) + 1);
  }
  const rough = most / 5;
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5].find((factor) => factor * decade >= rough) ?? 10) * decade;
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

/** Moves labels apart so that none covers another, and keeps their order. */
function spreadOut(wanted: readonly number[]): number[] {
  const order = wanted.map((_, index) => index).sort((a, b) => (wanted[a] as number) - (wanted[b] as number));
  const placed = [...wanted];
  for (const [rank, index] of order.entries()) {
    const above = placed[order[rank - 1] as number] ?? Number.NEGATIVE_INFINITY;
    placed[index] = Math.max(placed[index] as number, above + LABEL_HEIGHT);
  }
  return placed;
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
