import { cleanText } from "./json-text.ts";

/** The longest reply, in UTF-16 units: a generator without an end must not fill the memory. */
const MAX_REPLY_LENGTH = 16_777_216;

/** So many pieces are joined into one text: kept one by one, a reply that comes by the letter takes 30 bytes for each. */
const PIECES_AT_ONCE = 1024;

/** The text of a reply: what has come and waits to be sent, free of all that must not leave. */
export class ReplyText {
  #waiting = "";
  #pieces: string[] = [];
  #waitingLength = 0;
  #length = 0;
  #heldSurrogate = "";

  /** Text that has come and was not taken yet. */
  get waiting(): string {
    this.#join();
    return this.#waiting;
  }

  /** How long that text is, in UTF-16 units. */
  get waitingLength(): number {
    return this.#waitingLength;
  }

  /** Adds a piece. Throws a RangeError when the whole has become too long. */
  push(piece: string): void {
    if (piece === "") return;
    // A surrogate pair can be cut between two pieces: its first half waits for the second.
    const text = this.#heldSurrogate + piece;
    const endsInHalf = isHighSurrogate(text.charCodeAt(text.length - 1));
    this.#heldSurrogate = endsInHalf ? text.slice(-1) : "";
    this.#append(endsInHalf ? text.slice(0, -1) : text);
  }

  /** Adds the last piece; half a pair that still waits stands alone then. Throws as `push` does. */
  finish(lastPiece: string): void {
    this.#append(this.#heldSurrogate + lastPiece);
    this.#heldSurrogate = "";
  }

  /** Takes the first `length` units of the text that waits. */
  take(length: number): string {
    const text = this.waiting.slice(0, length);
    this.#waiting = this.#waiting.slice(length);
    this.#waitingLength -= text.length;
    return text;
  }

  /** Forgets the text that waits. */
  drop(): void {
    this.#waiting = "";
    this.#pieces = [];
    this.#waitingLength = 0;
  }

  #append(text: string): void {
    this.#length += text.length;
    if (this.#length > MAX_REPLY_LENGTH) throw new RangeError(`the reply is longer than ${MAX_REPLY_LENGTH} characters`);
    const clean = cleanText(text);
    this.#waitingLength += clean.length;
    this.#pieces.push(clean);
    if (this.#pieces.length === PIECES_AT_ONCE) this.#join();
  }

  #join(): void {
    if (this.#pieces.length === 0) return;
    this.#waiting += this.#pieces.join("");
    this.#pieces = [];
  }
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
