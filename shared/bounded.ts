/** Why a body was refused: it has too many bytes, or too many small pieces. */
export type Excess = "too large" | "too fragmented";

/**
 * A body may have this many pieces, and one more for each KiB. So pieces of 1 KiB and more are never refused. A stranger can
 * send 1 MiB as a million pieces, and reading those costs a hundred times as much as reading it at once.
 */
const FREE_PIECES = 1024;
const BYTES_PER_PIECE = 1024;
const FIRST_CAPACITY = 65_536;
/** A body of at most this many announced bytes may come in single bytes: it costs about 5 MB of memory then. */
const SMALL_BODY_BYTES = 16_384;

/** Bytes that come in pieces, within bounds. Memory holds them once, and only bytes that arrived are counted. */
export class BoundedBytes {
  readonly #maxBytes: number;
  readonly #capacity: number;
  readonly #freePieces: number;
  #buffer = new Uint8Array();
  #size = 0;
  #pieces = 0;

  /** `announced` bytes get room at once, and as few as {@link SMALL_BODY_BYTES} may come in any pieces. */
  constructor(maxBytes: number, announced = FIRST_CAPACITY) {
    this.#maxBytes = maxBytes;
    this.#capacity = Math.min(announced, maxBytes);
    this.#freePieces = announced <= SMALL_BODY_BYTES ? SMALL_BODY_BYTES : FREE_PIECES;
  }

  /** Adds a piece, or gives the reason not to. */
  add(piece: Uint8Array<ArrayBuffer>): Excess | undefined {
    const end = this.#size + piece.length;
    if (end > this.#maxBytes) return "too large";
    if (++this.#pieces > this.#freePieces + end / BYTES_PER_PIECE) return "too fragmented";
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
    const larger = new Uint8Array(Math.max(needed, this.#capacity, Math.min(2 * needed, this.#maxBytes)));
    larger.set(this.bytes);
    this.#buffer = larger;
  }
}

/**
 * All bytes of a body, or why it was refused; the rest of a refused body is cancelled. Rejects if the body breaks off.
 * Only bytes that arrived are counted, not the announced length, and memory holds them once.
 */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | Excess> {
  if (!body) return new Uint8Array();
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  const read = new BoundedBytes(maxBytes);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return read.bytes;
    const excess = read.add(value);
    if (excess) {
      // Not awaited: a sender of too much may never end it.
      reader.cancel().catch(() => {});
      return excess;
    }
  }
}
