import type { Group, Row } from "./compare.ts";
import { ASCII, jsonOfSize, MULTI_BYTE, signed } from "./samples.ts";
import type { Server } from "./servers.ts";

/** How often a message of so many kilobytes is answered in a round: for some 40 ms, so that a clock of whole ones is exact enough. */
const TIMES = { 1: 800, 16: 320, 256: 20 };
const GOALS = [
  [" 1 kB ASCII", "ratio", 1.2],
  ["256 kB ASCII", "ratio", 1.1],
  ["16 kB multi-byte", "ratio", 1.5],
] as const;

/** The pipeline beside its floor, inside of each server. */
export function inProcess(servers: Readonly<Record<string, Server>>, rounds: number): Group {
  const rowsOf = (text: string, kind: string) =>
    Object.entries(servers).flatMap(([runtime, { url }]) =>
      Object.entries(TIMES).map(([kilobytes, times]): Row => {
        const json = jsonOfSize(Number(kilobytes) * 1024, text);
        const microseconds = async (side: string) => {
          const response = await fetch(`${url}${side}?times=${times}`, signed(json));
          if (!response.ok) throw new Error(`The ${side} in ${runtime} gave a wrong answer: ${await response.text()}`);
          return [Number(await response.text())];
        };
        const figures = [`${runtime}, ${kilobytes} kB ${kind}`];
        return { figures, ours: () => microseconds("pipeline"), other: () => microseconds("floor") };
      }),
    );
  const rows = [...rowsOf(ASCII, "ASCII"), ...rowsOf(MULTI_BYTE, "multi-byte")];
  const notes = [
    "Floor: read the body, crypto.subtle.verify with a kept key, JSON.parse, new Response.",
    "Multi-byte is signed over its ASCII-escaped form, as the main app does: both sides verify twice, the floor without escaping it.",
  ];
  return { title: "One request in process, µs", sides: ["pipeline", "floor"], goals: GOALS, rows, rounds, notes };
}
