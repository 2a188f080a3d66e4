import { constants, createGunzip, createInflate, type Gunzip, type Inflate } from "node:zlib";
import type { Piece } from "./exchange.ts";
import { GrowingBytes } from "./growing-bytes.ts";

const OPTIONS = { flush: constants.Z_SYNC_FLUSH };
const DECODERS: Record<string, () => Gunzip | Inflate> = {
  gzip: () => createGunzip(OPTIONS),
  "x-gzip": () => createGunzip(OPTIONS),
  deflate: () => createInflate(OPTIONS),
};

export interface Decoded {
  readonly pieces: readonly Piece[];
  readonly body: Buffer;
  /** The body has more than `maxBytes`: the rest is missing. */
  readonly cut: boolean;
}

/**
 * Decodes a body. Each decoded piece has the bytes that could be decoded once the encoded piece was there.
 * Returns undefined if the main app does not know the encoding, or if the body is broken.
 */
export async function decodeContent(
  encoding: string | undefined,
  pieces: readonly Piece[],
  maxBytes: number,
): Promise<Decoded | undefined> {
  const decoder = DECODERS[encoding?.trim().toLowerCase() ?? ""]?.();
  if (!decoder) return undefined;
  const decoded = new GrowingBytes();
  const drain = () => {
    for (let part = decoder.read(); part !== null; part = decoder.read()) {
      decoded.add(part);
      if (decoded.length > maxBytes) decoder.destroy();
    }
  };
  decoder.on("readable", drain);
  let over: "broken" | "ended" | undefined;
  let wake = () => {};
  const stop = (how: typeof over) => {
    over ??= how;
    wake();
  };
  decoder.on("error", () => stop("broken"));
  // Bytes after the end of the compressed data are not read.
  decoder.once("end", () => stop("ended"));
  decoder.once("close", () => stop("ended"));

  const ends: number[] = [];
  for (const { bytes } of pieces) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      decoder.write(bytes, (error) => {
        if (!error) resolve();
      });
    });
    if (over === "broken") return undefined;
    drain();
    ends.push(Math.min(decoded.length, maxBytes));
    if (over) break;
  }
  decoder.destroy();
  const body = decoded.bytes.subarray(0, maxBytes);
  const whole = pieces.map((piece, i) => {
    const end = ends[i] ?? body.length;
    return { ...piece, bytes: body.subarray(ends[i - 1] ?? (i === 0 ? 0 : body.length), end) };
  });
  return { body, pieces: whole, cut: decoded.length > maxBytes };
}
