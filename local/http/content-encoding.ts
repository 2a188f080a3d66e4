import { constants, gunzipSync, inflateSync } from "node:zlib";
import type { Piece } from "./exchange.ts";

const DECODERS: Record<string, typeof gunzipSync> = { gzip: gunzipSync, "x-gzip": gunzipSync, deflate: inflateSync };

/**
 * The pieces of a body with its content encoding undone, each piece holding what could be decoded once it was there.
 * An encoding that the main app cannot read, or one that is broken, leaves the bytes as they came.
 */
export function decodeContent(encoding: string | undefined, pieces: readonly Piece[]): readonly Piece[] {
  const decode = DECODERS[encoding?.toLowerCase() ?? ""];
  if (!decode) return pieces;
  try {
    let given = 0;
    return pieces.map((piece, index) => {
      const soFar = Buffer.concat(pieces.slice(0, index + 1).map(({ bytes }) => bytes));
      const text = decode(soFar, { finishFlush: constants.Z_SYNC_FLUSH });
      const bytes = text.subarray(given);
      given = text.length;
      return { ...piece, bytes };
    });
  } catch {
    return pieces;
  }
}
