import type { Decoder } from "./content-encoding.ts";
import { Inflater } from "./inflater.ts";

/** Deflate with a zlib header. If the first bytes are not that, without one. */
export class DeflateDecoder implements Decoder {
  readonly #maxBytes: number;
  #inflater: Inflater;
  #isFirst = true;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#inflater = new Inflater("zlib", maxBytes);
  }

  async decode(bytes: Uint8Array): Promise<Uint8Array> {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    try {
      return (await this.#inflater.inflate(bytes)).decoded;
    } catch (error) {
      // As httpx does: only the first piece decides.
      if (!isFirst) throw error;
      this.#inflater.close();
      this.#inflater = new Inflater("raw", this.#maxBytes);
      return (await this.#inflater.inflate(bytes)).decoded;
    }
  }

  close(): void {
    this.#inflater.close();
  }
}
