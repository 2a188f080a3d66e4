import { decodeContent } from "./content-encoding.ts";
import type { Answer, Failure, Piece } from "./exchange.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import { type AnswerLimits, WIRE_FACTOR } from "./limits.ts";
import { type AnswerHead, headerOf, ResponseParser, Unreadable } from "./response-parser.ts";

/** Keeps one answer as it comes: its head, its body, and in which pieces. Takes no more than `limits` allow. */
export class AnswerRecorder {
  readonly #parser: ResponseParser;
  readonly #limits: AnswerLimits;
  readonly #body = new GrowingBytes();
  readonly #pieces: { readonly atMs: number; readonly read: number; readonly end: number }[] = [];
  #received = 0;
  #reads = 0;
  #atMs = 0;

  constructor(method: string, limits: AnswerLimits, onPiece?: (bytes: Uint8Array, atMs: number) => void) {
    this.#limits = limits;
    this.#parser = new ResponseParser(method, (bytes) => {
      this.#keep(bytes);
      onPiece?.(bytes, this.#atMs);
    });
  }

  get head(): AnswerHead | undefined {
    return this.#parser.head;
  }

  get done(): boolean {
    return this.#parser.done;
  }

  get hasBody(): boolean {
    return this.#pieces.length > 0;
  }

  /** Takes what one read gave, `atMs` after the request was begun. Throws {@link Unreadable}. */
  take(data: Buffer, atMs: number): void {
    this.#atMs = atMs;
    this.#reads++;
    this.#received += data.length;
    this.#parser.push(data);
    const most = this.#limits.bodyBytes * WIRE_FACTOR;
    if (this.#received > most) throw new Unreadable("too-long", `the answer takes more than ${most} bytes`);
  }

  /** The server closed the connection. Gives whether the answer was whole. */
  close(): boolean {
    return this.#parser.close();
  }

  /** What came of the answer, if its head did, with its content encoding undone. */
  async answer(): Promise<{ readonly answer?: Answer; readonly failure?: Failure }> {
    const { head } = this;
    if (!head) return {};
    const body = this.#body.bytes;
    const pieces: Piece[] = this.#pieces.map(({ end, ...piece }, i) => {
      return { ...piece, bytes: body.subarray(this.#pieces[i - 1]?.end ?? 0, end) };
    });
    const { bodyBytes } = this.#limits;
    const decoded = await decodeContent(headerOf(head, "content-encoding"), pieces, bodyBytes);
    if (!decoded) return { answer: { ...head, pieces, body } };
    const answer = { ...head, pieces: decoded.pieces, body: decoded.body };
    if (!decoded.cut) return { answer };
    return {
      answer,
      failure: { kind: "too-long", message: `the answer is longer than ${bodyBytes} bytes once it is decoded` },
    };
  }

  #keep(bytes: Uint8Array): void {
    const { bodyBytes, pieces } = this.#limits;
    this.#body.add(bytes);
    this.#pieces.push({ atMs: this.#atMs, read: this.#reads, end: this.#body.length });
    if (this.#body.length > bodyBytes) throw new Unreadable("too-long", `the answer is longer than ${bodyBytes} bytes`);
    if (this.#pieces.length > pieces) throw new Unreadable("too-long", `the answer comes in more than ${pieces} pieces`);
  }
}
