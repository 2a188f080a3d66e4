import { constants, createInflate, createInflateRaw } from "node:zlib";
import { GrowingBytes } from "./growing-bytes.ts";
import { tooLong } from "./unreadable-answer.ts";

const OPTIONS = { flush: constants.Z_SYNC_FLUSH };
const NOTHING = Buffer.alloc(0);

export interface Inflated {
  /** What could be decoded with these bytes, and was not decoded before. */
  readonly decoded: Buffer;
  /** The bytes after the end of the compressed data. */
  readonly rest: Uint8Array;
}

/** Decompresses one zlib or raw deflate stream as it comes, to at most `maxBytes` bytes. */
export class Inflater {
  readonly #engine: ReturnType<typeof createInflate>;
  readonly #maxBytes: number;
  #bytes = 0;
  #ended = false;
  #output = new GrowingBytes();

  constructor(format: "zlib" | "raw", maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#engine = format === "zlib" ? createInflate(OPTIONS) : createInflateRaw(OPTIONS);
    this.#engine.on("error", () => {});
    this.#engine.on("data", (part: Buffer) => {
      this.#output.add(part);
      this.#bytes += part.length;
      if (this.#bytes > maxBytes) this.#engine.destroy();
    });
  }

  /** Rejects with zlib's error if the data is broken, or with an UnreadableAnswer if it is too long. */
  async inflate(bytes: Uint8Array): Promise<Inflated> {
    if (this.#ended || bytes.length === 0) return { decoded: NOTHING, rest: bytes };
    this.#output = new GrowingBytes();
    const before = this.#engine.bytesWritten;
    await this.#write(bytes);
    if (this.#bytes > this.#maxBytes) throw tooLong(`the answer is longer than ${this.#maxBytes} bytes once it is decoded`);
    const rest = bytes.subarray(this.#engine.bytesWritten - before);
    this.#ended = rest.length > 0;
    return { decoded: this.#output.bytes, rest };
  }

  close(): void {
    this.#engine.destroy();
  }

  /** After an error in the data, zlib does not call back. */
  async #write(bytes: Uint8Array): Promise<void> {
    let failed = (_error: Error) => {};
    await new Promise<void>((resolve, reject) => {
      failed = reject;
      this.#engine.once("error", failed);
      this.#engine.write(bytes, () => resolve());
    });
    this.#engine.off("error", failed);
  }
}
