/** The head of an HTTP/1.1 answer. Header names are as sent; a header sent twice is there twice. */
export interface AnswerHead {
  readonly version: string;
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

type State = "head" | "length" | "chunk-size" | "chunk-data" | "chunk-end" | "trailer" | "until-close" | "done";

const MAX_HEAD_BYTES = 256 * 1024;
const HEAD_END = "\r\n\r\n";

/** What the server said was not HTTP/1.x. */
export class NotHttp extends Error {}

/**
 * Reads one HTTP/1.1 answer from bytes as they come. Its own, because what matters here is when and in which pieces
 * the bytes arrived, and because a broken answer has to be seen as it is.
 */
export class ResponseParser {
  head: AnswerHead | undefined;
  readonly #noBody: boolean;
  readonly #onBody: (bytes: Uint8Array) => void;
  #state: State = "head";
  #pending: Buffer = Buffer.alloc(0);
  #left = 0;

  /** `method` is that of the request, for an answer to HEAD has no body. `onBody` gets body bytes, one HTTP chunk at a time. */
  constructor(method: string, onBody: (bytes: Uint8Array) => void) {
    this.#noBody = method === "HEAD";
    this.#onBody = onBody;
  }

  get done(): boolean {
    return this.#state === "done";
  }

  /** Takes what one read gave. Throws {@link NotHttp}. */
  push(data: Buffer): void {
    let rest: Buffer = this.#pending.length > 0 ? Buffer.concat([this.#pending, data]) : data;
    this.#pending = Buffer.alloc(0);
    while (rest.length > 0 && this.#state !== "done") {
      const taken = this.#take(rest);
      if (taken === 0) {
        this.#pending = Buffer.from(rest);
        return;
      }
      rest = rest.subarray(taken);
    }
  }

  /** The server closed the connection. Gives whether the answer was whole. */
  close(): boolean {
    if (this.#state === "until-close") this.#state = "done";
    return this.done;
  }

  #take(data: Buffer): number {
    switch (this.#state) {
      case "head":
        return this.#takeHead(data);
      case "length":
      case "chunk-data":
      case "until-close":
        return this.#takeBody(data);
      default:
        return this.#takeLine(data);
    }
  }

  #takeHead(data: Buffer): number {
    const end = data.indexOf(HEAD_END);
    if (end === -1) {
      if (data.length > MAX_HEAD_BYTES || !"HTTP/1.".startsWith(data.toString("latin1", 0, 7))) throw new NotHttp();
      return 0;
    }
    const [statusLine = "", ...lines] = data.toString("latin1", 0, end).split("\r\n");
    const match = /^HTTP\/(1\.[01]) (\d{3})(?: |$)/.exec(statusLine);
    if (!match) throw new NotHttp();
    const headers = lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
    });
    const status = Number(match[2]);
    // 100 Continue and its like only say that the answer is still to come.
    if (status >= 200) this.#start({ version: match[1] as string, status, headers });
    return end + HEAD_END.length;
  }

  #start(head: AnswerHead): void {
    this.head = head;
    const length = headerOf(head, "content-length");
    if (this.#noBody || head.status === 204 || head.status === 304) this.#state = "done";
    else if (/(?:^|,)\s*chunked\s*$/i.test(headerOf(head, "transfer-encoding") ?? "")) this.#state = "chunk-size";
    else if (length === undefined) this.#state = "until-close";
    else {
      this.#left = Number(length);
      if (!Number.isSafeInteger(this.#left) || this.#left < 0) throw new NotHttp();
      this.#state = this.#left === 0 ? "done" : "length";
    }
  }

  #takeBody(data: Buffer): number {
    const size = this.#state === "until-close" ? data.length : Math.min(this.#left, data.length);
    this.#onBody(data.subarray(0, size));
    this.#left -= size;
    if (this.#left === 0 && this.#state === "length") this.#state = "done";
    if (this.#left === 0 && this.#state === "chunk-data") this.#state = "chunk-end";
    return size;
  }

  #takeLine(data: Buffer): number {
    const end = data.indexOf("\r\n");
    if (end === -1) return 0;
    const line = data.toString("latin1", 0, end);
    if (this.#state === "chunk-size") {
      this.#left = Number.parseInt(line, 16);
      if (Number.isNaN(this.#left)) throw new NotHttp();
      this.#state = this.#left === 0 ? "trailer" : "chunk-data";
    } else if (this.#state === "chunk-end") this.#state = "chunk-size";
    else if (line === "") this.#state = "done";
    return end + 2;
  }
}

/** The value of a header, by a name in lower case. If it was sent twice, both, with a comma. */
export function headerOf(head: AnswerHead, name: string): string | undefined {
  const values = head.headers.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
  return values.length > 0 ? values.join(", ") : undefined;
}
