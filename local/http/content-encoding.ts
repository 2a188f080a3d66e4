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

/** Those that the main app has. It leaves a body of another encoding as it is. */
const DECODERS: Record<string, new (maxBytes: number) => Decoder> = { gzip: GzipDecoder, deflate: DeflateDecoder };

/**
 * Decodes a body with this Content-Encoding, of which there may be several, as the main app does. Each decodes at most
 * `maxBytes` bytes. Rejects with an {@link UnreadableAnswer}.
 */
export class ContentDecoder implements Decoder {
  readonly #steps: readonly { readonly name: string; readonly decoder: Decoder }[];

  constructor(encoding: string, maxBytes: number) {
    const names = encoding.split(",").map((name) => name.trim().toLowerCase());
    if (names.length > MAX_ENCODINGS) throw tooLong(`the body has more than ${MAX_ENCODINGS} encodings`);
    // The last one was applied last.
    this.#steps = names.toReversed().flatMap((name) => {
      const Decoder = DECODERS[name];
      return Decoder ? [{ name, decoder: new Decoder(maxBytes) }] : [];
    });
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
