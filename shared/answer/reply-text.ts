import { cleanText } from "../json-text.ts";

/** The longest reply, in UTF-16 units: a generator without an end must not fill the memory. */
const MAX_REPLY_LENGTH = 16_777_216;
/** A writer is asked to wait while this many units have not been read. */
const ENOUGH_UNREAD = 8192;
/** So many pieces are joined into one text: kept one by one, a reply that comes by the letter takes 30 bytes for each. */
const PIECES_AT_ONCE = 1024;

/**
 * The text of a reply on its way from the logic that writes it to the answer that reads it, free of all that must not
 * leave. A string that is written and closed at once costs no promise.
 */
export class ReplyText {
  /** Whether nothing more will be written. */
  isClosed = false;
  #unread = "";
  #pieces: string[] = [];
  #unreadLength = 0;
  #wholeLength = 0;
  #heldSurrogate = "";
  #readAtOnce = false;
  // Each exists only while somebody waits for it.
  #change: PromiseWithResolvers<void> | undefined;
  #caughtUp: PromiseWithResolvers<void> | undefined;

  /** Whether nothing more will be written, and all was read. */
  get isFullyRead(): boolean {
    return this.isClosed && this.#unreadLength === 0;
  }

  /**
   * Adds a piece, unless it is closed. Gives a promise where the reader is behind, to be awaited before the next piece.
   * Throws a RangeError when the whole has become too long.
   */
  write(piece: string): Promise<void> | undefined {
    if (this.isClosed || piece === "") return undefined;
    // A surrogate pair can be cut between two pieces: its first half waits for the second.
    const text = this.#heldSurrogate + piece;
    const endsInHalf = isHighSurrogate(text.charCodeAt(text.length - 1));
    this.#heldSurrogate = endsInHalf ? text.slice(-1) : "";
    this.#append(endsInHalf ? text.slice(0, -1) : text);
    // Nothing to send, nothing to tell: a piece that was cleaned away must not delay a heartbeat.
    if (this.#unreadLength > 0) this.#notify();
    if (this.#unreadLength < ENOUGH_UNREAD || this.#readAtOnce) return undefined;
    this.#caughtUp ??= Promise.withResolvers();
    return this.#caughtUp.promise;
  }

  /** Adds the last piece and closes. Half a surrogate pair that still waits stands alone then. Throws as `write` does. */
  close(lastPiece = ""): void {
    if (this.isClosed) return;
    this.#append(this.#heldSurrogate + lastPiece);
    this.stop();
  }

  /** Closes in the middle: what has come so far can still be read. */
  stop(): void {
    this.isClosed = true;
    this.#caughtUp?.resolve();
    this.#notify();
  }

  /** Forgets what has not been read, and closes. */
  drop(): void {
    this.#unread = "";
    this.#pieces = [];
    this.#unreadLength = 0;
    this.stop();
  }

  /** Reads the start of what has not been read, as much as `measure` asks for, in UTF-16 units; without it, all. */
  read(measure = (unread: string) => unread.length): string {
    this.#join();
    const text = this.#unread.slice(0, measure(this.#unread));
    this.#unread = this.#unread.slice(text.length);
    this.#unreadLength = this.#unread.length;
    if (this.#unreadLength < ENOUGH_UNREAD) {
      this.#caughtUp?.resolve();
      this.#caughtUp = undefined;
    }
    return text;
  }

  /** Resolves when there is something to read, or nothing more will be written. */
  async readable(): Promise<void> {
    if (this.#unreadLength === 0 && !this.isClosed) await this.#nextChange();
  }

  /** Resolves when nothing more will be written. The writer is held back no longer: for readers of the whole. */
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
