import { Problem } from "./problem.ts";

/** The most that a request body may have, in bytes: 1 MiB. Exactly that many is accepted. */
export const MAX_BODY_BYTES = 1_048_576;

const JSON_MEDIA_TYPE = /^application\/json[ \t]*(?:;|$)/i;

/**
 * The raw body of a JSON request: unaltered bytes, at most {@link MAX_BODY_BYTES}.
 *
 * Content-Length can only refuse a body early; it is never believed to be the true size.
 * Refuses with `content_type_unsupported` or `body_too_large`.
 */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | Problem> {
  if (!JSON_MEDIA_TYPE.test(request.headers.get("content-type") ?? "")) return new Problem("content_type_unsupported");
  if (Number(request.headers.get("content-length")) > MAX_BODY_BYTES) return new Problem("body_too_large");
  if (!request.body) return new Uint8Array();

  const reader = request.body.getReader() as ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  for (;;) {
    // A body that breaks off has nobody left to answer; refusing it keeps a hang-up from looking like a bug.
    const read = await reader.read().catch(() => undefined);
    if (!read) return new Problem("body_not_json");
    const { done, value } = read;
    if (done) break;
    size += value.length;
    if (size > MAX_BODY_BYTES) {
      await reader.cancel();
      return new Problem("body_too_large");
    }
    chunks.push(value);
  }
  const [only] = chunks;
  return only && chunks.length === 1 ? only : joined(chunks, size);
}

function joined(chunks: Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
