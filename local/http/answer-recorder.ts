import { type AnswerHead, headerOf } from "./answer-head.ts";
import { ContentDecoder } from "./content-encoding.ts";
import type { Answer, Piece } from "./exchange.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import { type AnswerLimits, WIRE_FACTOR } from "./limits.ts";
import { ResponseParser } from "./response-parser.ts";
import { tooLong } from "./unreadable-answer.ts";

/** Records one answer as it arrives: its head, its decoded body, and the pieces of the body. Reads no more than `limits` allow. */
export class AnswerRecorder {
  readonly #parser: ResponseParser;
  readonly #limits: AnswerLimits;
  readonly #onPiece: (bytes: Uint8Array, atMs: number) => void;
  readonly #onHead: (head: AnswerHead) => void;
  #isHeadTold = false;
  #decoder: ContentDecoder | undefined;
  readonly #body = new GrowingBytes();
  /** For each piece: when it arrived, in which read, and where it ends in the body. Only numbers, as there can be very many pieces. */
  readonly #times: number[] = [];
  readonly #readNumbers: number[] = [];
  readonly #ends: number[] = [];
  #reads = 0;
  #wireBytes = 0;
  #encodedBytes = 0;
  #encodedPieces = 0;
  #over = false;

  constructor(
    method: string,
    limits: AnswerLimits,
    onPiece: (bytes: Uint8Array, atMs: number) => void = () => {},
    onHead: (head: AnswerHead) => void = () => {},
  ) {
    this.#parser = new ResponseParser(method);
    this.#limits = limits;
    this.#onPiece = onPiece;
    this.#onHead = onHead;
  }

  get head(): AnswerHead | undefined {
    return this.#parser.head;
  }

  get done(): boolean {
    return this.#parser.done;
  }

  /** Whether a byte of the body has arrived. It may be one that decodes to nothing. */
  get hasBody(): boolean {
    return this.#encodedBytes > 0;
  }

  /** Takes the bytes of one read, `atMs` after the start of the request. Rejects with an UnreadableAnswer. */
  async take(data: Buffer, atMs: number): Promise<void> {
    const { bodyBytes, pieces } = this.#limits;
    this.#reads++;
    this.#wireBytes += data.length;
    for (const encoded of this.#parser.push(data)) {
      this.#tellHead();
      if (this.#over) return;
      this.#encodedBytes += encoded.length;
      if (this.#encodedBytes > bodyBytes) throw tooLong(`the answer is longer than ${bodyBytes} bytes`);
      if (++this.#encodedPieces > pieces) throw tooLong(`the answer comes in more than ${pieces} pieces`);
      this.#decoder ??= new ContentDecoder((this.head && headerOf(this.head, "content-encoding")) ?? "", bodyBytes);
      const decoded = await this.#decoder.decode(encoded);
      if (this.#over) return;
      this.#record(decoded, atMs);
    }
    this.#tellHead();
    const most = bodyBytes * WIRE_FACTOR;
    if (this.#wireBytes > most) throw tooLong(`the answer takes more than ${most} bytes`);
  }

  #tellHead(): void {
    if (this.#isHeadTold || !this.head) return;
    this.#isHeadTold = true;
    this.#onHead(this.head);
  }

  /** Call this when the server has closed the connection. Returns whether the answer is complete. */
  close(): boolean {
    return this.#parser.close();
  }

  /** Ends the recording, also of bytes that are being decoded. Returns the answer, as far as it arrived; undefined if its head did not arrive. */
  end(): Answer | undefined {
    this.#over = true;
    this.#decoder?.close();
    if (!this.head) return undefined;
    const body = this.#body.bytes;
    const [times, reads, ends] = [this.#times, this.#readNumbers, this.#ends];
    return {
      ...this.head,
      body,
      get pieces() {
        return ends.map((end, i): Piece => {
          return { atMs: times[i] as number, read: reads[i] as number, bytes: body.subarray(ends[i - 1] ?? 0, end) };
        });
      },
    };
  }

  #record(bytes: Uint8Array, atMs: number): void {
    if (bytes.length === 0) return;
    this.#body.add(bytes);
    this.#times.push(atMs);
    this.#readNumbers.push(this.#reads);
    this.#ends.push(this.#body.length);
    this.#onPiece(bytes, atMs);
  }
}
