/** Why a body was refused: it has too many bytes, or too many small pieces. */
export type Excess = "too large" | "too fragmented";

/**
 * A body may have this many pieces, and one more for each KiB. So pieces of 1 KiB and more are never refused. A stranger can
 * send 1 MiB as a million pieces, and reading those costs a hundred times as much as reading it at once.
 */
const FREE_PIECES = 1024;
const BYTES_PER_PIECE = 1024;
const FIRST_CAPACITY = 65_536;

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
  let bytes = new Uint8Array();
  let size = 0;
  for (let pieces = 1; ; pieces++) {
    const { done, value } = await reader.read();
    if (done) return bytes.subarray(0, size);
    const end = size + value.length;
    const excess = excessOf(end, maxBytes, pieces);
    if (excess) {
      // Not awaited: a sender of too much may never end it.
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
