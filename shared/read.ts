import { readBounded } from "./bounded.ts";
import { Problem } from "./problem.ts";

/** The most that a request body may have, in bytes: 1 MiB. Exactly that many is accepted. */
export const MAX_BODY_BYTES = 1_048_576;

const JSON_MEDIA_TYPE = /^application\/json[ \t]*(?:;|$)/i;

/**
 * The raw body of a JSON request: unaltered bytes, at most {@link MAX_BODY_BYTES}.
 *
 * Refuses with `content_type_unsupported` or `body_too_large`.
 */
export async function readBody(request: Request): Promise<Uint8Array<ArrayBuffer> | Problem> {
  if (!JSON_MEDIA_TYPE.test(request.headers.get("content-type") ?? "")) return new Problem("content_type_unsupported");
  const announced = request.headers.get("content-length");
  if (Number(announced) > MAX_BODY_BYTES) return new Problem("body_too_large");
  try {
    // HTTP ends a body of announced length there (RFC 9112, section 6.3), so it can be read in one go, which is far quicker:
    // a Worker hands a stream on in pieces of 4 KiB, and plain Node has to make one first. Its true size counts all the same.
    const body = announced ? new Uint8Array(await request.arrayBuffer()) : await readBounded(request.body, MAX_BODY_BYTES);
    return body && body.length <= MAX_BODY_BYTES ? body : new Problem("body_too_large");
  } catch {
    // A body that breaks off has nobody left to answer; refusing it keeps a hang-up from looking like a bug.
    return new Problem("body_not_json");
  }
}
