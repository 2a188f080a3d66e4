import { MAX_READ_BYTES } from "./main-app.ts";
import { parseJson } from "./parse-json.ts";

/** The part of a stream that a person at the dashboard sees. */
export interface Shown {
  readonly text: string;
  readonly ended: "done" | "error" | "broken event" | "never";
  /** The data of the `done` event. */
  readonly done?: unknown;
  /** The data of the `error` event, which goes only to the browser's console. */
  readonly error?: unknown;
}

/** What the dashboard made of one read. */
export interface ReadOutcome {
  /** The text that it added. */
  readonly added: string;
  /** The types of the events that it left out, because it does not know them or because they came without data. */
  readonly ignored: readonly string[];
  /** The read ended inside an event. The dashboard forgets its beginning. */
  readonly forgot: boolean;
  /** A line that is not complete yet. The dashboard remembers it. */
  readonly waits: boolean;
}

const SHOWN_TYPES = ["delta", "done", "error"];

/**
 * Reads a stream as the dashboard reads it (observed). It remembers an incomplete last line from read to read, but not the
 * type and the data of an event. It knows only `\n` as a line end. After the end it reads nothing.
 */
export class DashboardReader {
  #unfinished = "";
  #text = "";
  #ended: Shown["ended"] = "never";
  #data: unknown;

  get shown(): Shown {
    const ended = this.#ended;
    if (ended === "done") return { text: this.#text, ended, done: this.#data };
    if (ended === "error") return { text: "", ended, error: this.#data };
    return { text: ended === "never" ? this.#text : "", ended };
  }

  read(read: string): ReadOutcome {
    const nothing = { added: "", ignored: [], forgot: false };
    if (this.#ended !== "never") return { ...nothing, waits: false };
    // Joined only when a line ends: otherwise each piece of a long line would copy the line again.
    if (!read.includes("\n")) {
      this.#unfinished += read;
      return { ...nothing, waits: this.#unfinished !== "" };
    }
    const lines = (this.#unfinished + read).split("\n");
    this.#unfinished = lines.pop() ?? "";
    const ignored: string[] = [];
    let added = "";
    let type = "";
    let data = "";
    let isInside = false;
    for (const line of lines) {
      isInside = line !== "" && (isInside || /^(?:event|data):/.test(line));
      if (line.startsWith("event:")) type = line.slice("event:".length).trim();
      else if (line.startsWith("data:")) data = line.slice("data:".length).trim();
      else if (line === "" && type && data) {
        if (SHOWN_TYPES.includes(type)) added += this.#take(type, data);
        else ignored.push(type);
        if (this.#ended !== "never") return { added, ignored, forgot: false, waits: false };
        type = "";
        data = "";
      } else if (line === "" && (type || data)) ignored.push(type || "an event without a type");
    }
    return { added, ignored, forgot: isInside, waits: this.#unfinished !== "" };
  }

  /** Returns the text that the event adds. */
  #take(type: string, data: string): string {
    let value: { text?: unknown } | null;
    try {
      value = parseJson(data) as typeof value;
    } catch {
      this.#ended = "broken event";
      return "";
    }
    if (type !== "delta") {
      this.#ended = type as "done" | "error";
      this.#data = value;
      return "";
    }
    const added = asShown(value?.text);
    this.#text += added;
    return added;
  }
}

/** The same for a whole stream, after the backend has decoded each piece alone as UTF-8 (observed). */
export function shownByDashboard(pieces: Iterable<Uint8Array>): Shown {
  const reader = new DashboardReader();
  for (const piece of inReads(pieces)) {
    reader.read(new TextDecoder("utf-8", { fatal: false, ignoreBOM: true }).decode(piece));
    if (reader.shown.ended !== "never") break;
  }
  return reader.shown;
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
