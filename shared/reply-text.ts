import { cleanText } from "./json-text.ts";

/** The longest reply, in UTF-16 units: a generator without an end must not fill the memory. */
const MAX_REPLY_LENGTH = 16_777_216;

/** The text of a reply: what has come and waits to be sent, free of all that must not leave. */
export class ReplyText {
  /** Text that has come and was not taken yet. */
  waiting = "";
  #length = 0;
  #heldSurrogate = "";

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
    this.waiting = this.waiting.slice(length);
    return text;
  }

  /** Forgets the text that waits. */
  drop(): void {
    this.waiting = "";
  }

  #append(text: string): void {
    this.#length += text.length;
    if (this.#length > MAX_REPLY_LENGTH) throw new RangeError(`the reply is longer than ${MAX_REPLY_LENGTH} characters`);
    this.waiting += cleanText(text);
  }
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
