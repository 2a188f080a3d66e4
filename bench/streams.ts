import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { type Group, quantile } from "./compare.ts";
import { jsonWith, signed } from "./samples.ts";
import type { Server } from "./servers.ts";
import { wallClock } from "./sides/sides.ts";

/** The text of one read from the socket, and its time. */
type Piece = readonly [at: number, text: string];

const SIDES = ["stream", "bare"] as const;
/** Words that do not count: the server is still compiling. Netlify's runtime starts a thread for each request. */
const FIRST_WORDS = 10;
const BURST_WORDS = 10_000;

/** Measures the delay from the generator's `yield` to the client's socket, and the speed of a reply that is ready at once. */
export function streams(servers: Readonly<Record<string, Server>>, words: number, rounds: number): Group {
  const rows = Object.entries(servers).flatMap(([runtime, { url }]) => {
    const sides = (content: string, measure: (pieces: Piece[]) => number[]) => {
      const side = (path: string) => async () => measure(await readStream(url + path, content));
      return { rounds, sides: SIDES.map(side) };
    };
    const delay = [`${runtime}, yield to socket, p50 ms`, `${runtime}, yield to socket, p99 ms`];
    return [
      { figures: delay, ...sides(`${words} 10`, delays) },
      { figures: [`${runtime}, ${BURST_WORDS} at once, µs each`], ...sides(`${BURST_WORDS} 0`, microsecondsOfEach) },
    ];
  });
  const notes = [
    "Bare: a ReadableStream that pulls the same generator and writes each piece as one event, in the same server.",
    "workerd's clock gives whole milliseconds, and 0.5 ms is added. So its p50 is an estimate, and its p99 is up to 0.5 ms too high.",
    "/stream joins text that is ready into events of 1 kB. After 32 kB it sends one event every 4 ms, and the last after 100 ms.",
  ];
  const goals = [{ ending: "p50 ms", ratioTo: "bare", most: 1.3 }];
  return { name: "streams", title: "Streams", sides: SIDES, goals, rows, notes };
}

function delays(pieces: readonly Piece[]): number[] {
  const wordsOf = ([at, text]: Piece) => Array.from(text.matchAll(/"text":"([\d.]+) "/g), ([, time]) => at - Number(time));
  return [0.5, 0.99].map((share) => quantile(pieces.flatMap(wordsOf).slice(FIRST_WORDS), share));
}

/** From the first byte on: the time before it is the platform's, and equal for both sides. */
function microsecondsOfEach(pieces: readonly Piece[]): number[] {
  return [(((pieces.at(-1)?.[0] ?? 0) - (pieces[0]?.[0] ?? 0)) * 1000) / BURST_WORDS];
}

/** Reads one stream to its end over its own connection. */
async function readStream(url: string, content: string): Promise<Piece[]> {
  const { body, ...options } = signed(jsonWith(content));
  const [incoming] = (await once(request(url, { ...options, agent: false }).end(body), "response")) as [IncomingMessage];
  const pieces: Piece[] = [];
  incoming.on("data", (bytes: Buffer) => pieces.push([wallClock(), bytes.toString()]));
  await once(incoming, "end");
  if (!pieces.at(-1)?.[1].includes("completed")) throw new Error(`${url} did not stream to its end.`);
  return pieces;
}
