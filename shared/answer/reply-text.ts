import { cleanText } from "../json-text.ts";

/** The longest reply, in UTF-16 units. An endless generator must not fill the memory. */
const MAX_REPLY_LENGTH = 16_777_216;
/** The writer must wait while this many units are unread. */
const ENOUGH_UNREAD = 8192;
/** This many pieces are joined into one text. A reply that comes letter by letter would otherwise take 30 bytes a letter. */
const PIECES_AT_ONCE = 1024;

/**
 * The text of a reply: the logic writes it, the answer reads it. U+0000 and lone surrogates are removed on the way.
 * A string that is written and closed at once costs no promise.
 */
export class ReplyText {
  /** Whether nothing more will be written. */
  isClosed = false;
  /** All text that was read. */
  alreadyRead = "";
  #unread = "";
  #pieces: string[] = [];
  #unreadLength = 0;
  #wholeLength = 0;
  #heldSurrogate = "";
  #readAtOnce = false;
  // Each exists only while it is awaited.
  #change: PromiseWithResolvers<void> | undefined;
  #caughtUp: PromiseWithResolvers<void> | undefined;

  /** Whether nothing more will be written and everything was read. */
  get isFullyRead(): boolean {
    return this.isClosed && this.#unreadLength === 0;
  }

  /**
   * Adds a piece, unless the text is closed. Returns a promise if the reader is behind: await it before the next piece.
   * Throws a RangeError if the text has become too long.
   */
  write(piece: string): Promise<void> | undefined {
    if (this.isClosed) return undefined;
    // A surrogate pair can be split over two pieces: its first half is held until the second comes.
    const text = this.#heldSurrogate + piece;
    const endsInHalf = isHighSurrogate(text.charCodeAt(text.length - 1));
    this.#heldSurrogate = endsInHalf ? text.slice(-1) : "";
    this.#append(endsInHalf ? text.slice(0, -1) : text);
    // A piece of which nothing is left after cleaning must not delay a heartbeat.
    if (this.#unreadLength > 0) this.#notify();
    if (this.#unreadLength < ENOUGH_UNREAD || this.#readAtOnce) return undefined;
    this.#caughtUp ??= Promise.withResolvers();
    return this.#caughtUp.promise;
  }

  /** Adds the last piece and closes. Half a surrogate pair that is still held becomes U+FFFD. Throws as `write` does. */
  close(lastPiece: string): void {
    if (this.isClosed) return;
    this.#append(this.#heldSurrogate + lastPiece);
    this.stop();
  }

  /** Closes early. The text so far can still be read. */
  stop(): void {
    this.isClosed = true;
    this.#caughtUp?.resolve();
    this.#notify();
  }

  /** Drops the unread text. */
  drop(): void {
    this.#unread = "";
    this.#pieces = [];
    this.#unreadLength = 0;
  }

  /** Reads the first `measure(unread)` UTF-16 units of the unread text, or all of it by default. */
  read(measure?: (unread: string) => number): string {
    this.#join();
    const text = this.#unread.slice(0, measure?.(this.#unread));
    this.alreadyRead += text;
    this.#unread = this.#unread.slice(text.length);
    this.#unreadLength = this.#unread.length;
    if (this.#unreadLength < ENOUGH_UNREAD) {
      this.#caughtUp?.resolve();
      this.#caughtUp = undefined;
    }
    return text;
  }

  /** Resolves when there is text to read, or nothing more will be written. */
  async readable(): Promise<void> {
    if (this.#unreadLength === 0 && !this.isClosed) await this.#nextChange();
  }

  /** Resolves when nothing more will be written. From then on the writer never waits: the reader wants the complete text. */
  async closed(): Promise<void> {
    this.#readAtOnce = true;
    this.#caughtUp?.resolve();
    while (!this.isClosed) await this.#nextChange();
  }

  #append(text: string): void {
    if (text === "") return;
    this.#wholeLength += text.length;
    if (this.#wholeLength > MAX_REPLY_LENGTH) throw new RangeError(`the reply is longer than ${MAX_REPLY_LENGTH} characters`);
    const clean = cleanText(text);
    this.#pieces.push(clean);
    this.#unreadLength += clean.length;
    if (this.#pieces.length === PIECES_AT_ONCE) this.#join();
  }

  #join(): void {
    this.#unread += this.#pieces.join("");
    this.#pieces = [];
  }

  #nextChange(): Promise<void> {
    this.#change ??= Promise.withResolvers();
    return this.#change.promise;
  }

  #notify(): void {
    this.#change?.resolve();
    this.#change = undefined;
  }
}

function isHighSurrogate(unit: number): boolean {
  return (unit & 0xfc00) === 0xd800;
}
