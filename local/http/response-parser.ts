import { MAX_HEAD_BYTES, MAX_INTERIM_ANSWERS } from "./limits.ts";

/** The head of an HTTP/1.1 answer. Header names are as sent. A header that was sent twice is there twice. */
export interface AnswerHead {
  readonly version: string;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

type State = "status" | "header" | "length" | "chunk-size" | "chunk-data" | "chunk-end" | "trailer" | "until-close" | "done";

const LINE_FEED = 0x0a;
const HTTP_1 = "HTTP/1.";

/** The server's bytes cannot be read as an answer. `message` says why, as the end of a sentence. */
export class UnreadableAnswer extends Error {
  readonly kind: "not-http" | "too-long";
  constructor(kind: UnreadableAnswer["kind"], message: string) {
    super(message);
    this.kind = kind;
  }
}

const notHttp = () => new UnreadableAnswer("not-http", "the answer is not HTTP/1.1");

/**
 * Reads one HTTP/1.1 answer from bytes as they arrive. Not a library's parser, because the checker must know when and in
 * which pieces the bytes arrived, and must see a broken answer as it is.
 */
export class ResponseParser {
  head: AnswerHead | undefined;
  readonly #noBody: boolean;
  readonly #onBody: (bytes: Uint8Array) => void;
  #state: State = "status";
  /** The start of a line whose end has not arrived yet. */
  #line = "";
  /** Bytes of the earlier lines of this head or trailer. */
  #lineBytes = 0;
  #lines: string[] = [];
  #left = 0;
  #interimAnswers = 0;

  /** `method` is the request's: an answer to HEAD has no body. `onBody` gets the body's bytes, at most one HTTP chunk at a time. */
  constructor(method: string, onBody: (bytes: Uint8Array) => void) {
    this.#noBody = method === "HEAD";
    this.#onBody = onBody;
  }

  get done(): boolean {
    return this.#state === "done";
  }

  /** Takes the bytes of one read. Throws {@link UnreadableAnswer}. */
  push(data: Buffer): void {
    let at = 0;
    while (at < data.length && !this.done) at = this.#inBody ? this.#takeBody(data, at) : this.#takeLine(data, at);
  }

  /** Call this when the server has closed the connection. Returns whether the answer is complete. */
  close(): boolean {
    if (this.#state === "until-close") this.#state = "done";
    return this.done;
  }

  get #inBody(): boolean {
    return this.#state === "length" || this.#state === "chunk-data" || this.#state === "until-close";
  }

  #takeBody(data: Buffer, from: number): number {
    const to = this.#state === "until-close" ? data.length : Math.min(from + this.#left, data.length);
    this.#onBody(data.subarray(from, to));
    this.#left -= to - from;
    if (this.#left === 0 && this.#state === "length") this.#state = "done";
    if (this.#left === 0 && this.#state === "chunk-data") this.#state = "chunk-end";
    return to;
  }

  #takeLine(data: Buffer, from: number): number {
    const end = data.indexOf(LINE_FEED, from);
    this.#line += data.toString("latin1", from, end === -1 ? data.length : end);
    if (this.#lineBytes + this.#line.length > MAX_HEAD_BYTES) throw tooLong(this.#state);
    if (this.#state === "status" && !HTTP_1.startsWith(this.#line.slice(0, HTTP_1.length))) throw notHttp();
    if (end === -1) return data.length;
    const line = this.#line;
    this.#line = "";
    this.#lineBytes += line.length;
    this.#readLine(line);
    return end + 1;
  }

  #readLine(line: string): void {
    const isChunking = this.#state === "chunk-size" || this.#state === "chunk-end";
    // The main app accepts a bare line feed as a line end in the head, but not around a chunk (observed).
    if (isChunking && !line.endsWith("\r")) throw notHttp();
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    if (isChunking) this.#readChunkLine(text);
    else if (text !== "") this.#readHeadLine(text);
    else if (this.#state === "trailer") this.#state = "done";
    else this.#readHead();
  }

  #readHeadLine(line: string): void {
    this.#lines.push(line);
    if (this.#state === "status") this.#state = "header";
  }

  #readChunkLine(line: string): void {
    this.#lineBytes = 0;
    if (this.#state === "chunk-end") {
      if (line !== "") throw notHttp();
      this.#state = "chunk-size";
      return;
    }
    const [, size] = /^([0-9a-f]{1,12})[ \t]*(?:;|$)/i.exec(line) ?? [];
    if (size === undefined) throw notHttp();
    this.#left = Number.parseInt(size, 16);
    this.#state = this.#left === 0 ? "trailer" : "chunk-data";
  }

  #readHead(): void {
    const [statusLine = "", ...lines] = this.#lines;
    this.#lines = [];
    this.#lineBytes = 0;
    const match = /^HTTP\/(1\.[01]) (\d{3})(?: |$)/.exec(statusLine);
    if (!match) throw notHttp();
    const headers = lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    });
    const status = Number(match[2]);
    if (status >= 200) this.#startBody({ version: match[1] as string, status, headers });
    else this.#skipInterimAnswer();
  }

  /** An interim answer, such as 100 Continue, comes before the answer. */
  #skipInterimAnswer(): void {
    this.#state = "status";
    if (++this.#interimAnswers > MAX_INTERIM_ANSWERS)
      throw new UnreadableAnswer("too-long", `more than ${MAX_INTERIM_ANSWERS} interim answers come before the answer`);
  }

  #startBody(head: AnswerHead): void {
    this.head = head;
    const length = headerOf(head, "content-length");
    const encodings = headerOf(head, "transfer-encoding")?.toLowerCase().split(",") ?? [];
    if (this.#noBody || head.status === 204 || head.status === 304) this.#state = "done";
    else if (encodings.at(-1)?.trim() === "chunked") this.#state = "chunk-size";
    else if (length === undefined) this.#state = "until-close";
    else {
      this.#left = Number(length);
      if (!Number.isSafeInteger(this.#left) || this.#left < 0) throw notHttp();
      this.#state = this.#left === 0 ? "done" : "length";
    }
  }
}

function tooLong(state: State): UnreadableAnswer {
  const parts: Partial<Record<State, string>> = { status: "head", header: "head", trailer: "trailer" };
  return new UnreadableAnswer("too-long", `the ${parts[state] ?? "line of a chunk"} is longer than ${MAX_HEAD_BYTES} bytes`);
}

/** The value of a header; `name` is in lower case. If it was sent twice, both values with a comma between them. */
export function headerOf(head: AnswerHead, name: string): string | undefined {
  const values = head.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  return values.length > 0 ? values.join(", ") : undefined;
}
