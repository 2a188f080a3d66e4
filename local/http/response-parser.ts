import { type AnswerHead, bodyAfter, fieldsOf, headOf } from "./answer-head.ts";
import { MAX_HEAD_BYTES, MAX_INTERIM_ANSWERS } from "./limits.ts";
import { SPEAKS_TLS } from "./tls.ts";
import { notHttp, tooLong, UnreadableAnswer } from "./unreadable-answer.ts";

const LINE_FEED = 0x0a;
const START = Buffer.from("HTTP/");
/** The first two bytes of what a TLS server says to a request that is not TLS: an alert, of TLS 1.x. */
const TLS_ALERT = Buffer.from([0x15, 0x03]);
const CHUNK_SIZE = /^([0-9a-fA-F]{1,20})(?:[ \t]*|;.*)$/s;
const CHUNK_END = Buffer.from("\r\n");
const FINAL_STATUS = 200;

/** A part of the body, or undefined when the bytes that have arrived are used up. */
type Reading<Result = void> = Generator<Uint8Array | undefined, Result, void>;

/**
 * Reads one answer from bytes as they arrive. It accepts and refuses what the main app does, whose client is httpx 0.28.1.
 * Not a library's parser, because each has rules of its own, and none says in which pieces the bytes arrived.
 */
export class ResponseParser {
  head: AnswerHead | undefined;
  done = false;
  readonly #method: string;
  readonly #reading: Reading;
  #data: Buffer = Buffer.alloc(0);
  #at = 0;
  #untilClose = false;

  /** `method` is the request's: an answer to HEAD has no body. */
  constructor(method: string) {
    this.#method = method;
    this.#reading = this.#answer();
  }

  /** Takes the bytes of one read. Gives the body's bytes in it, at most one HTTP chunk at a time. Throws {@link UnreadableAnswer}. */
  *push(data: Buffer): Generator<Uint8Array> {
    this.#data = data;
    this.#at = 0;
    for (;;) {
      const { value, done } = this.#reading.next();
      if (done) this.done = true;
      if (!value) return;
      yield value;
    }
  }

  /** Call this when the server has closed the connection. Returns whether the answer is complete. */
  close(): boolean {
    if (this.#untilClose) this.done = true;
    return this.done;
  }

  *#answer(): Reading {
    this.head = yield* this.#finalHead();
    const body = bodyAfter(this.head, this.#method);
    this.#untilClose = body === "until close";
    if (body === "chunks") yield* this.#chunks();
    else yield* this.#bytes(body === "until close" ? Number.POSITIVE_INFINITY : body);
  }

  /** The first head that is not of an interim answer, such as 100 Continue. */
  *#finalHead(): Reading<AnswerHead> {
    for (let interim = 0; interim <= MAX_INTERIM_ANSWERS; interim++) {
      yield* this.#start();
      const [first = "", ...lines] = yield* this.#lines("head");
      const head = headOf([`${START}${first}`, ...lines]);
      if (head.status >= FINAL_STATUS) return head;
    }
    throw tooLong(`more than ${MAX_INTERIM_ANSWERS} interim answers come before the answer`);
  }

  /** Reads `HTTP/`. Anything else is refused at its first bytes: a server of another protocol may never end the line. */
  *#start(): Reading {
    let start = Buffer.alloc(0);
    while (start.length < START.length) {
      start = Buffer.concat([start, yield* this.#some(START.length - start.length)]);
      if (START.subarray(0, start.length).equals(start)) continue;
      if (TLS_ALERT.subarray(0, start.length).equals(start.subarray(0, TLS_ALERT.length)))
        throw new UnreadableAnswer("tls", SPEAKS_TLS);
      const rest = this.#data.toString("latin1", this.#at);
      throw notHttp("it does not begin with HTTP/1.1, but with", `${start.toString("latin1")}${rest}`);
    }
  }

  *#chunks(): Reading {
    for (;;) {
      const line = yield* this.#line("line of a chunk", MAX_HEAD_BYTES);
      // Around a chunk, unlike in the head, no line may end with a bare line feed.
      const [, size] = (line.endsWith("\r") && CHUNK_SIZE.exec(line.slice(0, -1))) || [];
      if (!size) throw notHttp("a chunk's size is", line);
      const length = Number.parseInt(size, 16);
      if (length === 0) break;
      yield* this.#bytes(length);
      yield* this.#chunkEnd();
    }
    fieldsOf(yield* this.#lines("trailer"));
  }

  *#chunkEnd(): Reading {
    for (const byte of CHUNK_END) {
      const [found] = yield* this.#some(1);
      if (found !== byte) throw notHttp("a chunk is longer than its size");
    }
  }

  *#bytes(length: number): Reading {
    for (let left = length; left > 0; ) {
      const bytes = yield* this.#some(left);
      left -= bytes.length;
      yield bytes;
    }
  }

  /** Lines up to an empty one, without their ends. */
  *#lines(where: string): Reading<string[]> {
    const lines: string[] = [];
    for (let left = MAX_HEAD_BYTES; ; ) {
      const line = yield* this.#line(where, left);
      left -= line.length + 1;
      const text = line.endsWith("\r") ? line.slice(0, -1) : line;
      if (text === "") return lines;
      lines.push(text);
    }
  }

  /** A line without its line feed. */
  *#line(where: string, maxBytes: number): Reading<string> {
    for (let line = ""; ; ) {
      const end = this.#data.indexOf(LINE_FEED, this.#at);
      line += this.#data.toString("latin1", this.#at, end === -1 ? this.#data.length : end);
      if (line.length > maxBytes) throw tooLong(`the ${where} is longer than ${MAX_HEAD_BYTES} bytes`);
      this.#at = end === -1 ? this.#data.length : end + 1;
      if (end !== -1) return line;
      yield;
    }
  }

  /** The bytes that have arrived, at least one and at most `most`. */
  *#some(most: number): Reading<Buffer> {
    while (this.#at === this.#data.length) yield;
    const bytes = this.#data.subarray(this.#at, this.#at + most);
    this.#at += bytes.length;
    return bytes;
  }
}
