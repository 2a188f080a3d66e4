import { type Decoded, decodeContent } from "./content-encoding.ts";
import type { Exchange, Piece } from "./exchange.ts";
import { GrowingBytes } from "./growing-bytes.ts";
import { type AnswerLimits, WIRE_FACTOR } from "./limits.ts";
import { type AnswerHead, headerOf, ResponseParser, UnreadableAnswer } from "./response-parser.ts";

type Recorded = Pick<Exchange, "answer" | "failure">;

/** Records one answer as it arrives: its head, its body, and the pieces of the body. Reads no more than `limits` allow. */
export class AnswerRecorder {
  readonly #parser: ResponseParser;
  readonly #limits: AnswerLimits;
  readonly #body = new GrowingBytes();
  /** For each piece: when it arrived, in which read, and where it ends in the body. Only numbers, as there can be very many pieces. */
  readonly #times: number[] = [];
  readonly #readNumbers: number[] = [];
  readonly #ends: number[] = [];
  #received = 0;
  #reads = 0;
  #atMs = 0;

  constructor(method: string, limits: AnswerLimits, onPiece?: (bytes: Uint8Array, atMs: number) => void) {
    this.#limits = limits;
    this.#parser = new ResponseParser(method, (bytes) => {
      this.#record(bytes);
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
    return this.#ends.length > 0;
  }

  /** Takes the bytes of one read, `atMs` after the start of the request. Throws {@link UnreadableAnswer}. */
  take(data: Buffer, atMs: number): void {
    this.#atMs = atMs;
    this.#reads++;
    this.#received += data.length;
    this.#parser.push(data);
    const most = this.#limits.bodyBytes * WIRE_FACTOR;
    if (this.#received > most) throw new UnreadableAnswer("too-long", `the answer takes more than ${most} bytes`);
  }

  /** Call this when the server has closed the connection. Returns whether the answer is complete. */
  close(): boolean {
    return this.#parser.close();
  }

  /** The decoded answer, as far as it arrived. Empty if its head did not arrive. */
  async answer(): Promise<Recorded> {
    const { head } = this;
    if (!head) return {};
    const body = this.#body.bytes;
    const piecesOf = () => this.#piecesOf(body);
    const encoding = headerOf(head, "content-encoding");
    if (encoding !== undefined) {
      // Decoding piece by piece takes time, and only a stream's pieces are looked at.
      const isStream = headerOf(head, "content-type")?.includes("event-stream");
      const encoded = isStream ? piecesOf() : [{ atMs: this.#atMs, read: this.#reads, bytes: body }];
      const decoded = await decodeContent(encoding, encoded, this.#limits.bodyBytes);
      if (decoded) return this.#decodedAnswer(head, decoded);
    }
    const answer = {
      ...head,
      body,
      get pieces() {
        return piecesOf();
      },
    };
    return { answer };
  }

  #decodedAnswer(head: AnswerHead, { body, pieces, cut }: Decoded): Recorded {
    const answer = { ...head, body, pieces };
    if (!cut) return { answer };
    const message = `the answer is longer than ${this.#limits.bodyBytes} bytes once it is decoded`;
    return { answer, failure: { kind: "too-long", message } };
  }

  #piecesOf(body: Buffer): Piece[] {
    return this.#ends.map((end, i) => {
      const bytes = body.subarray(this.#ends[i - 1] ?? 0, end);
      return { atMs: this.#times[i] as number, read: this.#readNumbers[i] as number, bytes };
    });
  }

  #record(bytes: Uint8Array): void {
    const { bodyBytes, pieces } = this.#limits;
    this.#body.add(bytes);
    this.#times.push(this.#atMs);
    this.#readNumbers.push(this.#reads);
    this.#ends.push(this.#body.length);
    if (this.#body.length > bodyBytes) throw new UnreadableAnswer("too-long", `the answer is longer than ${bodyBytes} bytes`);
    if (this.#ends.length > pieces) throw new UnreadableAnswer("too-long", `the answer comes in more than ${pieces} pieces`);
  }
}
