import type { Group, Result, Row } from "./compare.ts";
import { load } from "./load.ts";
import { jsonOfSize, jsonWithHistory, TEXTS } from "./samples.ts";
import type { Server } from "./servers.ts";
import { usage } from "./usage.ts";

const SIZES = [1, 16, 64, 256, 1024];
const HISTORY = [10, 100, 1000];
const FIGURES = ["µs of CPU", "µs between answers"];

/** Compares servers under good requests: ours first. What is measured is the CPU time and the time between two answers. */
export function overHttp(runtime: string, servers: Readonly<Record<string, Server>>, seconds: number, rounds: number): Group {
  const row = (name: string, body: string): Row => {
    const measure = (server: Server) => async () => {
      const before = await usage(server.pid);
      const { answers, seconds: took } = await load(server.url, body, seconds);
      const { cpuMs } = await usage(server.pid);
      return [((cpuMs - before.cpuMs) * 1000) / answers, (took * 1e6) / answers];
    };
    return { figures: FIGURES.map((figure) => `${name}, ${figure}`), rounds, sides: Object.values(servers).map(measure) };
  };
  const rows = [
    ...SIZES.map((kilobytes) => row(`${kilobytes} kB`, jsonOfSize(kilobytes * 1024 - 1, TEXTS.ASCII))),
    ...HISTORY.map((length) => row(`${length} earlier messages`, jsonWithHistory(length))),
  ];
  const sides = Object.keys(servers);
  const lineOf = (results: readonly Result[], xs: readonly number[], first: number) =>
    sides.map((name, side) => ({
      name,
      points: xs.map((x, at) => [x, results[(first + at) * FIGURES.length]?.sides[side]?.median ?? Number.NaN] as const),
    }));
  const y = { label: "µs of CPU a request", scale: "log" } as const;
  const charts = (results: readonly Result[]) => [
    { title: runtime, x: { label: "body, kB", scale: "log" } as const, y, lines: lineOf(results, SIZES, 0) },
    {
      title: runtime,
      x: { label: "earlier messages", scale: "log" } as const,
      y,
      lines: lineOf(results, HISTORY, SIZES.length),
    },
  ];
  return { name: `http-${runtime.toLowerCase()}`, title: `16 connections over HTTP, ${runtime}`, sides, rows, charts };
}
