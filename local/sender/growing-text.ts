const FIRST_CAPACITY = 1024;

/** Text that grows by one UTF-16 unit at a time. */
export class GrowingText {
  #units = new Uint16Array(FIRST_CAPACITY);
  #length = 0;

  add(unit: number): void {
    if (this.#length === this.#units.length) {
      const larger = new Uint16Array(2 * this.#length);
      larger.set(this.#units);
      this.#units = larger;
    }
    this.#units[this.#length++] = unit;
  }

  get length(): number {
    return this.#length;
  }

  toString(): string {
    return Buffer.from(this.#units.buffer, 0, 2 * this.#length).toString("utf16le");
  }
}
