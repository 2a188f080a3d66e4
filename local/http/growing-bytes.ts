const FIRST_CAPACITY = 4096;

/** Bytes that arrive piece by piece. They are copied, so that the buffers in which they arrived can be freed. */
export class GrowingBytes {
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    const length = this.#length + bytes.length;
    if (length > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(FIRST_CAPACITY, length, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = larger;
    }
    this.#buffer.set(bytes, this.#length);
    this.#length = length;
  }

  /** All bytes so far, without those that are added later. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}
