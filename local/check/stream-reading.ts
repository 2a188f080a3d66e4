import type { Piece } from "../http/exchange.ts";

/** One event as it stands in the stream. */
export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  readonly dataLines: number;
  /** Where its text begins and ends in the stream, in bytes; the empty line that ends it is inside. */
  readonly start: number;
  readonly end: number;
}

/** The events of a whole stream, by the standard's rules: any line end, several data lines, comments left out. */
export function eventsOf(body: Uint8Array): StreamEvent[] {
  // Latin-1 keeps one character per byte, so that positions stay bytes.
  const text = Buffer.from(body).toString("latin1");
  const events: StreamEvent[] = [];
  for (const match of text.matchAll(/((?:[^\r\n]+(?:\r\n|\r|\n))+)(?:\r\n|\r|\n)/g)) {
    const fields = { event: [] as string[], data: [] as string[] };
    for (const line of match[0].split(/\r\n|\r|\n/)) {
      const field = /^(event|data)(?::[ ]?(.*))?$/.exec(line);
      if (field) fields[field[1] as "event" | "data"].push(Buffer.from(field[2] ?? "", "latin1").toString());
    }
    if (fields.event.length + fields.data.length === 0) continue;
    const { index } = match;
    events.push({
      type: fields.event.at(-1) ?? "message",
      data: fields.data.join("\n"),
      dataLines: fields.data.length,
      start: index,
      end: index + match[0].length,
    });
  }
  return events;
}

/** The object in an event's data; undefined if it is none. */
export function dataObject({ data }: StreamEvent): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The text of all `delta` events. */
export function joinedText(events: readonly StreamEvent[]): string {
  return events
    .filter(({ type }) => type === "delta")
    .map((event) => String(dataObject(event)?.text ?? ""))
    .join("");
}

/** The number of the read in which the last byte before `offset` came. */
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
  const cuts = new Set<number>();
  let end = 0;
  for (const { bytes } of pieces) {
    end += bytes.length;
    cuts.add(end);
  }
  return events.find((event) => {
    for (let at = event.start + 1; at < event.end; at++) if (cuts.has(at)) return true;
    return false;
  });
}
