/** Why bytes were refused: there are too many, or they come in pieces so small that each costs more than what it holds. */
export type Excess = "too large" | "too fragmented";

/**
 * So many pieces are free, and one more for each KiB: pieces of 1 KiB and more are never refused. A stranger can send
 * 1 MiB as a million pieces, which costs the receiver a hundred times what it costs to read it in whole.
 */
const FREE_PIECES = 1024;
const BYTES_PER_PIECE = 1024;
const FIRST_CAPACITY = 65_536;

/** Bytes that come in pieces, within bounds, and kept once. Only what came is counted, whatever was announced. */
export class BoundedBytes {
  readonly #mostBytes: number;
  #buffer = new Uint8Array();
  #size = 0;
  #pieces = 0;

  readonly #capacity: number;

  /** `announced` is how many will come, if they come as announced: room for them, and nothing else, is made for it. */
  constructor(mostBytes: number, announced = FIRST_CAPACITY) {
    this.#mostBytes = mostBytes;
    this.#capacity = Math.min(announced, mostBytes);
  }

  /** Adds a piece, or gives the reason not to. */
  add(piece: Uint8Array<ArrayBuffer>): Excess | undefined {
    const end = this.#size + piece.length;
    if (end > this.#mostBytes) return "too large";
    if (++this.#pieces > FREE_PIECES + end / BYTES_PER_PIECE) return "too fragmented";
    // Most bodies are one piece, which needs no copy.
    if (this.#size === 0) this.#buffer = piece;
    else {
      if (end > this.#buffer.length) this.#enlarge(end);
      this.#buffer.set(piece, this.#size);
    }
    this.#size = end;
    return undefined;
  }

  /** All that was added. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#size);
  }

  #enlarge(needed: number): void {
    const larger = new Uint8Array(Math.max(needed, this.#capacity, Math.min(2 * needed, this.#mostBytes)));
    larger.set(this.bytes);
    this.#buffer = larger;
  }
}

/** All bytes of a body, or why there are too many; then the rest is cancelled. Rejects if it breaks off. */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  mostBytes: number,
): Promise<Uint8Array<ArrayBuffer> | Excess> {
  if (!body) return new Uint8Array();
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  const read = new BoundedBytes(mostBytes);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return read.bytes;
    const excess = read.add(value);
    if (excess) {
      // Not awaited: who sends too much may also keep us waiting for the end of it.
      reader.cancel().catch(() => {});
      return excess;
    }
  }
}
