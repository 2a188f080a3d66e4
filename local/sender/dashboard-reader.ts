import { MAX_READ_BYTES } from "./main-app.ts";
import { parseJson } from "./parse-json.ts";

/** The part of a stream that a person at the dashboard sees. */
export interface Shown {
  readonly text: string;
  readonly ended: "done" | "error" | "broken event" | "never";
  /** The data of the `done` event. */
  readonly done?: unknown;
}

/**
 * Reads a stream as the main app and its dashboard read it (observed). The backend decodes each piece alone as UTF-8.
 * The dashboard remembers an incomplete last line from piece to piece, but not the type and the data of an event. It
 * knows only `\n` as a line end.
 */
export function shownByDashboard(pieces: Iterable<Uint8Array>): Shown {
  let unfinished = "";
  let text = "";
  for (const piece of inReads(pieces)) {
    const read = new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(piece);
    // Joined only when a line ends: otherwise each piece of a long line would copy the line again.
    if (!read.includes("\n")) {
      unfinished += read;
      continue;
    }
    const lines = (unfinished + read).split("\n");
    unfinished = lines.pop() ?? "";
    let type = "";
    let data = "";
    for (const line of lines) {
      if (line.startsWith("event:")) type = line.slice("event:".length).trim();
      else if (line.startsWith("data:")) data = line.slice("data:".length).trim();
      else if (line === "" && type && data) {
        if (["delta", "done", "error"].includes(type)) {
          let value: { text?: unknown } | null;
          try {
            value = parseJson(data) as typeof value;
          } catch {
            return { text: "", ended: "broken event" };
          }
          if (type === "done") return { text, ended: "done", done: value };
          if (type === "error") return { text: "", ended: "error" };
          text += asShown(value?.text);
        }
        type = "";
        data = "";
      }
    }
  }
  return { text, ended: "never" };
}

function* inReads(pieces: Iterable<Uint8Array>): Generator<Uint8Array> {
  for (const bytes of pieces) {
    for (let at = 0; at < bytes.length; at += MAX_READ_BYTES) yield bytes.subarray(at, at + MAX_READ_BYTES);
  }
}

/** How the dashboard shows a JSON value where it expects a text (observed). */
export function asShown(value: unknown): string {
  return typeof value === "object" && value !== null ? "[object Object]" : String(value);
}
