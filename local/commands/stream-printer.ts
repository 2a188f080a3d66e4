import { visible } from "../../shared/visible.ts";
import type { PeerText } from "../peer-text.ts";
import type { Paint } from "../terminal.ts";

/** The width of the column with the time, in characters. */
const TIME_WIDTH = 10;

/**
 * Prints a stream as it arrives. The time of a line is that of the piece with its end. Only whole lines are printed, as
 * the dashboard reads them, and because a secret that is cut into two pieces could not be masked.
 */
export class StreamPrinter {
  readonly #text: PeerText;
  readonly #paint: Paint;
  readonly #print: (text: string) => void;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #unfinished = "";
  #lastMs = 0;

  constructor(text: PeerText, paint: Paint, print: (text: string) => void) {
    this.#text = text;
    this.#paint = paint;
    this.#print = print;
  }

  /** Takes bytes that arrived `atMs` after the start of the request. */
  add(bytes: Uint8Array, atMs: number): void {
    this.#lastMs = atMs;
    const read = this.#decoder.decode(bytes, { stream: true });
    const end = read.lastIndexOf("\n");
    if (end === -1) {
      this.#unfinished += read;
      return;
    }
    this.#printLines(this.#unfinished + read.slice(0, end));
    this.#unfinished = read.slice(end + 1);
  }

  /** Call this at the end of the stream. It prints an unfinished line. */
  end(): void {
    this.#printLines(this.#unfinished + this.#decoder.decode());
    this.#unfinished = "";
  }

  #printLines(text: string): void {
    const time = this.#paint("dim", `${(this.#lastMs / 1000).toFixed(3).padStart(TIME_WIDTH - 2)} s`);
    const lines = this.#text.mask(text).split("\n").filter(Boolean);
    const printed = lines.map((line, i) => `${i === 0 ? time : " ".repeat(TIME_WIDTH)}  ${visible(line)}\n`);
    if (lines.length > 0) this.#print(printed.join(""));
  }
}
