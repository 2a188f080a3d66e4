import type { Piece } from "../http/exchange.ts";
import { asShown } from "../sender/dashboard-reader.ts";
import { objectIn } from "../sender/parse-json.ts";

/** One event of a stream, and its place in the stream. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  readonly dataLines: number;
  /** The first byte of the event, and the first byte after the empty line that ends it. */
  readonly start: number;
  readonly end: number;
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;

/**
 * The events of a whole stream, at most `max` of them, by the standard's rules: any line end, several data lines, no
 * comments. One pass over the bytes. Not a library, because none gives the place of an event.
 */
export function eventsOf(body: Uint8Array, max = Number.POSITIVE_INFINITY): StreamEvent[] {
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const events: StreamEvent[] = [];
  let start = 0;
  let type: string | undefined;
  let data: string[] = [];
  for (const { from, to, next } of linesOf(bytes)) {
    type = fieldValue(bytes, "event", from, to) ?? type;
    const dataLine = fieldValue(bytes, "data", from, to);
    if (dataLine !== undefined) data.push(dataLine);
    if (from < to) continue;
    if (type !== undefined || data.length > 0) {
      events.push({ type: type ?? "message", data: data.join("\n"), dataLines: data.length, start, end: next });
      if (events.length === max) break;
    }
    start = next;
    type = undefined;
    data = [];
  }
  return events;
}

/** The start and end of each line that has a line end, and the start of the next line. */
function* linesOf(bytes: Buffer) {
  let from = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] !== LINE_FEED && bytes[at] !== CARRIAGE_RETURN) continue;
    const to = at;
    if (bytes[at] === CARRIAGE_RETURN && bytes[at + 1] === LINE_FEED) at++;
    yield { from, to, next: at + 1 };
    from = at + 1;
  }
}

/** The value of the line if its field is `name`: the text after the colon and one space. */
function fieldValue(bytes: Buffer, name: string, from: number, to: number): string | undefined {
  const colon = from + name.length;
  if (colon > to || bytes.toString("latin1", from, colon) !== name) return undefined;
  if (colon === to) return "";
  if (bytes[colon] !== COLON) return undefined;
  return bytes.toString("utf8", bytes[colon + 1] === SPACE ? colon + 2 : colon + 1, to);
}

/** An event's data as a JSON object; undefined if it is not one. */
export function dataObject({ data }: StreamEvent): Record<string, unknown> | undefined {
  return objectIn(data);
}

/** The text of all `delta` events together. */
export function joinedText(events: readonly StreamEvent[]): string {
  return events
    .filter(({ type }) => type === "delta")
    .map((event) => asShown(dataObject(event)?.text ?? ""))
    .join("");
}

/** The number of the read with the last byte before `offset`. */
export function readAt(pieces: readonly Piece[], offset: number): number {
  let end = 0;
  for (const { bytes, read } of pieces) {
    end += bytes.length;
    if (end >= offset) return read;
  }
  return pieces.at(-1)?.read ?? 0;
}

/** The first event that begins in one piece and ends in another; undefined if there is none. */
export function firstSplit(events: readonly StreamEvent[], pieces: readonly Piece[]): StreamEvent | undefined {
  const cuts = pieces.values();
  let cut = 0;
  return events.find(({ start, end }) => {
    while (cut <= start) {
      const piece = cuts.next();
      if (piece.done) return false;
      cut += piece.value.bytes.length;
    }
    return cut < end;
  });
}
