/** Why bytes were refused: there are too many, or they come in pieces so small that each costs more than what it holds. */
export type Excess = "too large" | "too fragmented";

/**
 * So many pieces are free, and one more for each KiB: pieces of 1 KiB and more are never refused. A stranger can send
 * 1 MiB as a million pieces, which costs the receiver a hundred times what it costs to read it in whole.
 */
const FREE_PIECES = 1024;
const BYTES_PER_PIECE = 1024;
const FIRST_CAPACITY = 65_536;

/**
 * All bytes of a body, or why there are too many; then the rest is cancelled. Rejects if it breaks off.
 * Whatever a header says of the length, only bytes that came are counted, and they are kept once.
 */
export async function readBounded(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer> | Excess> {
  if (!body) return new Uint8Array();
  const reader = body.getReader() as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  let bytes = new Uint8Array();
  let size = 0;
  for (let pieces = 1; ; pieces++) {
    const { done, value } = await reader.read();
    if (done) return bytes.subarray(0, size);
    const end = size + value.length;
    const excess = excessOf(end, maxBytes, pieces);
    if (excess) {
      // Not awaited: who sends too much may also keep us waiting for the end of it.
      reader.cancel().catch(() => {});
      return excess;
    }
    // Most bodies are one piece, which needs no copy.
    if (size === 0) bytes = value;
    else {
      if (end > bytes.length) bytes = enlarged(bytes.subarray(0, size), Math.max(end, Math.min(2 * end, maxBytes)));
      bytes.set(value, size);
    }
    size = end;
  }
}

function excessOf(size: number, maxBytes: number, pieces: number): Excess | undefined {
  if (size > maxBytes) return "too large";
  return pieces > FREE_PIECES + size / BYTES_PER_PIECE ? "too fragmented" : undefined;
}

function enlarged(bytes: Uint8Array, capacity: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.max(capacity, FIRST_CAPACITY));
  larger.set(bytes);
  return larger;
}
