import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";
import type { Group, Result, Row } from "./compare.ts";
import { jsonWith, signed } from "./samples.ts";
import { startSides } from "./servers.ts";
import { usage } from "./usage.ts";

const SIDES = ["stream", "bare"];
const RUNTIMES = ["Node", "workerd"] as const;
const COUNTS = [0, 250, 500, 750, 1000];
/** Words of a stream that stays open, one a second. */
const ENDLESS = "600 1000";
/** The time in which memory comes to rest, in milliseconds. */
const REST_MS = 1500;

/** Measures the memory of a server with more and more open streams, each with a word a second. */
export function openStreams(): Group {
  const rows = RUNTIMES.map((runtime): Row => {
    const memory = (path: string) => async () => {
      await using server = await startSides[runtime]();
      // The code that a server compiles for its first streams does not count as a stream's memory.
      for (let i = 0; i < 4; i++) await openMany(server.url + path, 100, "3 10");
      const residentMb: number[] = [];
      const open: IncomingMessage[] = [];
      for (const count of COUNTS) {
        open.push(...(await openMany(server.url + path, count - open.length, ENDLESS)));
        await wait(REST_MS);
        residentMb.push((await usage(server.pid)).residentMb);
      }
      // A server that is told to stop waits for its streams.
      for (const stream of open) stream.destroy();
      return [slope(COUNTS, residentMb) * 1024, ...residentMb];
    };
    const figures = ["kB for each stream", ...COUNTS.map((count) => `MB with ${count}`)];
    return { figures: figures.map((figure) => `${runtime}, ${figure}`), rounds: 1, sides: SIDES.map(memory) };
  });
  const charts = (results: readonly Result[]) =>
    RUNTIMES.map((runtime, row) => ({
      title: runtime,
      x: { label: "open streams", scale: "linear" } as const,
      y: { label: "MB of memory", scale: "linear" } as const,
      lines: SIDES.map((name, side) => {
        const mb = (index: number) => results[row * (COUNTS.length + 1) + 1 + index]?.sides[side]?.median ?? Number.NaN;
        return { name, points: COUNTS.map((count, index) => [count, mb(index)] as const) };
      }),
    }));
  const notes = ["Resident memory of the whole process. The memory for each stream is the slope of the line that fits best."];
  return { name: "memory", title: "Open streams", sides: SIDES, rows, notes, charts };
}

/** Opens streams at once. Resolves when each has sent something. */
async function openMany(url: string, count: number, content: string): Promise<IncomingMessage[]> {
  const open = async () => {
    const { body, ...options } = signed(jsonWith(content));
    const outgoing = request(url, { ...options, agent: false }).end(body);
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    incoming.on("error", () => {});
    await once(incoming, "data");
    return incoming.resume();
  };
  return Promise.all(Array.from({ length: count }, open));
}

/** The slope of the line that fits the points best, by least squares. */
function slope(xs: readonly number[], ys: readonly number[]): number {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x0, y0] = [mean(xs), mean(ys)];
  const covariance = mean(xs.map((x, i) => (x - x0) * ((ys[i] as number) - y0)));
  return covariance / mean(xs.map((x) => (x - x0) ** 2));
}
