import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { PATHS, type SideName } from "./sides.ts";
import { messageFor, type Script } from "./words.ts";

/** What to ask of which side. */
export interface Ask {
  readonly url: string;
  readonly side: SideName;
  readonly script: Script;
  readonly count: number;
  readonly signal: AbortSignal;
}

/** What came in one read, and when it did on the client's clock. */
export interface Piece {
  readonly bytes: Buffer;
  readonly at: number;
}

/** Reads one stream to its end over a connection of its own. */
export async function readStream({ url, side, script, count, signal }: Ask, clock: () => number): Promise<Piece[]> {
  const outgoing = request(new URL(PATHS[side], url), {
    method: "POST",
    agent: false,
    signal,
    headers: { "content-type": "application/json" },
  });
  outgoing.end(messageFor(script, count));
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  if (incoming.statusCode !== 200) throw new Error(`${url} answered a stream with ${incoming.statusCode}.`);
  const pieces: Piece[] = [];
  incoming.on("data", (bytes: Buffer) => pieces.push({ at: clock(), bytes }));
  await once(incoming, "end");
  if (!pieces.at(-1)?.bytes.includes("completed")) throw new Error(`${url} did not end its stream with "done".`);
  return pieces;
}
