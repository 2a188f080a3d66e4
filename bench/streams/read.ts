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

/** One stream, read as it comes from a connection of its own: `onBytes` gets each piece in the turn in which it came. */
export async function readStream({ url, side, script, count, signal }: Ask, onBytes: (bytes: Buffer) => void): Promise<void> {
  const outgoing = request(new URL(PATHS[side], url), {
    method: "POST",
    agent: false,
    signal,
    headers: { "content-type": "application/json" },
  });
  outgoing.end(messageFor(script, count));
  const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
  if (incoming.statusCode !== 200) throw new Error(`${url} answered a stream with ${incoming.statusCode}.`);
  let end = "";
  incoming.on("data", (bytes: Buffer) => {
    onBytes(bytes);
    end = bytes.subarray(-64).toString();
  });
  await once(incoming, "end");
  if (!end.includes("completed")) throw new Error(`${url} did not end its stream.`);
}
