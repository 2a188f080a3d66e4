import { type Excess, readBounded } from "../bounded.ts";
import { type Clock, settlesWithin } from "../clock.ts";
import { Problem } from "../problem.ts";

/** The largest request body that is accepted, in bytes: exactly 1 MiB. */
export const MAX_BODY_BYTES = 1_048_576;
/** How long a body may take to arrive, in milliseconds. The main app sends it at once, and 1 MiB at 1 Mbit/s takes 8 s. */
const BODY_TIMEOUT_MS = 15_000;
const JSON_MEDIA_TYPE = /^application\/json[ \t]*(?:;|$)/i;
/** After a refusal in the middle of a body, the connection is closed: the rest is of no use (RFC 9110, section 15.5.9). */
const CLOSE = { headers: { connection: "close" } };

/** Reads the bytes of a body, at most so many. Rejects if it breaks off. */
export type ReadBytes = (request: Request, maxBytes: number) => Promise<Uint8Array<ArrayBuffer> | Excess>;

/**
 * The raw body of a JSON request: unaltered bytes, at most {@link MAX_BODY_BYTES}.
 *
 * Refuses with `content_type_unsupported`, `body_too_large`, `body_too_fragmented` or `body_too_slow`.
 */
export async function readBody(
  request: Request,
  clock: Clock,
  readBytes: ReadBytes = readWebBytes,
): Promise<Uint8Array<ArrayBuffer> | Problem> {
  if (!JSON_MEDIA_TYPE.test(request.headers.get("content-type") ?? "")) return new Problem("content_type_unsupported");
  if (announcedBytes(request) > MAX_BODY_BYTES) return new Problem("body_too_large");
  try {
    const reading = readBytes(request, MAX_BODY_BYTES);
    if (!(await settlesWithin(clock, reading, BODY_TIMEOUT_MS))) return new Problem("body_too_slow", CLOSE);
    const body = await reading;
    if (body === "too fragmented") return new Problem("body_too_fragmented", CLOSE);
    return body === "too large" ? new Problem("body_too_large") : body;
  } catch {
    // The body broke off, so nobody reads this answer. It is a refusal, because a hang-up is no bug.
    return new Problem("body_not_json");
  }
}

/**
 * Reads with Web standards only. HTTP ends a body of announced length there (RFC 9112, section 6.3), and a platform reads it
 * much faster at once than as a stream: Workers hand on a stream in pieces of 4 KiB.
 */
async function readWebBytes(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | Excess> {
  // An empty header announces nothing, as a missing one does.
  if (!(announcedBytes(request) > 0)) return readBounded(request.body, maxBytes);
  const body = new Uint8Array(await request.arrayBuffer());
  return body.length > maxBytes ? "too large" : body;
}

function announcedBytes({ headers }: Request): number {
  return Number(headers.get("content-length") ?? Number.NaN);
}
