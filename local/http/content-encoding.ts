import { DeflateDecoder } from "./deflate-decoder.ts";
import { GzipDecoder } from "./gzip-decoder.ts";
import { MAX_ENCODINGS } from "./limits.ts";
import { tooLong, UnreadableAnswer } from "./unreadable-answer.ts";

/** Decodes a body as it comes. */
export interface Decoder {
  /** What can be decoded with these bytes, and could not be decoded before. May be empty. Rejects if the data is broken. */
  decode(bytes: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

type DecoderClass = new (maxBytes: number) => Decoder;

/** Those that the main app has. It leaves a body of another encoding as it is. */
const DECODERS = new Map<string, DecoderClass>([
  ["gzip", GzipDecoder],
  ["deflate", DeflateDecoder],
]);

/**
 * Decodes a body with this Content-Encoding, of which there may be several, as the main app does. Each decodes at most
 * `maxBytes` bytes. Rejects with an {@link UnreadableAnswer}.
 */
export class ContentDecoder implements Decoder {
  readonly #steps: readonly { readonly name: string; readonly decoder: Decoder }[];

  constructor(encoding: string, maxBytes: number) {
    const names = encoding.split(",").map((name) => name.trim().toLowerCase());
    const known = names.filter((name) => DECODERS.has(name));
    if (known.length > MAX_ENCODINGS) throw tooLong(`the body is compressed more than ${MAX_ENCODINGS} times`);
    // The last one was applied last.
    this.#steps = known.toReversed().map((name) => ({ name, decoder: new (DECODERS.get(name) as DecoderClass)(maxBytes) }));
  }

  async decode(bytes: Uint8Array): Promise<Uint8Array> {
    let decoded = bytes;
    for (const { name, decoder } of this.#steps) {
      try {
        decoded = await decoder.decode(decoded);
      } catch (error) {
        if (error instanceof UnreadableAnswer) throw error;
        throw new UnreadableAnswer("undecodable", `the body is not ${name}: ${(error as Error).message}`);
      }
    }
    return decoded;
  }

  close(): void {
    for (const { decoder } of this.#steps) decoder.close();
  }
}
