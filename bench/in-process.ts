import type { Group, Row } from "./compare.ts";
import { jsonOfSize, signed, TEXTS } from "./samples.ts";
import type { Server } from "./servers.ts";

/** For each size in kilobytes, the number of messages that take about 5 ms. In so short a time the machine changes little. */
const TIMES = { 1: 100, 16: 40, 256: 3 };
const GOALS = [
  { ending: "1 kB ASCII", ratioTo: "floor", most: 1.3 },
  { ending: "256 kB ASCII", ratioTo: "floor", most: 1.1 },
  { ending: "16 kB multi-byte", ratioTo: "floor", most: 1.5 },
];

/** Compares the pipeline with its floor, inside each server. */
export function inProcess(node: Server, workerd: Server, rounds: number): Group {
  const rowsOf = (runtime: string, { url }: Server, rounds: number, longer: number) =>
    Object.entries(TEXTS).flatMap(([kind, text]) =>
      Object.entries(TIMES).map(([kilobytes, times]): Row => {
        const message = signed(jsonOfSize(Number(kilobytes) * 1024, text));
        const microseconds = async (side: string) => {
          const response = await fetch(`${url}${side}?times=${times * longer}`, message);
          if (!response.ok) throw new Error(`The ${side} on ${runtime} gave a wrong answer: ${await response.text()}`);
          return [Number(await response.text())];
        };
        const figures = [`${runtime}, ${kilobytes} kB ${kind}`];
        return { figures, rounds, sides: [() => microseconds("pipeline"), () => microseconds("floor")] };
      }),
    );
  // workerd's clock gives whole milliseconds, so rounds are longer there.
  const rows = [...rowsOf("Node", node, 5 * rounds, 1), ...rowsOf("workerd", workerd, rounds, 8)];
  const notes = [
    "Floor: read the body, crypto.subtle.verify with an imported key, JSON.parse, new Response.",
    "Multi-byte text is signed in its escaped form, as the main app does. Both sides verify twice; the floor does not pay for escaping.",
  ];
  return { name: "pipeline", title: "One request in process, µs", sides: ["pipeline", "floor"], goals: GOALS, rows, notes };
}
