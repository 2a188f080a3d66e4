import { connect as connectPlain, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { decodeContent } from "./content-encoding.ts";
import type { Answer, Exchange, ExchangeOptions, Failure, Piece } from "./exchange.ts";
import { headerOf, ResponseParser } from "./response-parser.ts";

const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** One connection to a webhook, for one exchange or several after each other. */
export class Connection {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // The exchange under way hears of errors by its own listener; between two exchanges nobody needs to.
    socket.on("error", () => {});
  }

  /** Connects to the host and port of `url`, with TLS for https. Gives a failure instead of throwing. */
  static open(url: URL, timeoutMs: number): Promise<Connection | Failure> {
    const secure = url.protocol === "https:";
    const host = url.hostname.replace(/^\[|\]$/g, "");
    const port = Number(url.port || (secure ? 443 : 80));
    return new Promise((resolve) => {
      const socket = secure
        ? connectTls({ host, port, ALPNProtocols: ["http/1.1"], ...(isIP(host) === 0 && { servername: host }) })
        : connectPlain({ host, port });
      const timer = setTimeout(() => {
        socket.destroy();
        resolve({ kind: "unreachable", message: `no connection within ${timeoutMs} ms` });
      }, timeoutMs);
      socket.once("error", (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        resolve(connectFailure(error));
      });
      socket.once(secure ? "secureConnect" : "connect", () => {
        clearTimeout(timer);
        socket.setNoDelay(true);
        resolve(new Connection(socket));
      });
    });
  }

  get usable(): boolean {
    return !this.#socket.destroyed && this.#socket.writable;
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Writes `request`, byte for byte, and reads one answer to it. */
  exchange(request: Uint8Array, method: string, options: ExchangeOptions): Promise<Exchange> {
    const socket = this.#socket;
    const startedAt = performance.now();
    const pieces: Piece[] = [];
    let reads = 0;
    let size = 0;
    let lastByteAt = startedAt;
    let firstByteMs: number | undefined;
    let longestSilenceMs = 0;

    return new Promise((resolve) => {
      const parser = new ResponseParser(method, (bytes) => {
        const atMs = performance.now() - startedAt;
        pieces.push({ atMs, read: reads, bytes });
        options.onPiece?.(bytes, atMs);
        size += bytes.length;
      });
      const finish = (failure?: Failure) => {
        clearTimeout(idle);
        clearTimeout(total);
        for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener);
        const now = performance.now();
        longestSilenceMs = Math.max(longestSilenceMs, now - lastByteAt);
        const close = failure || options.hangUpAfterFirstPiece || (parser.head && saysClose(parser.head));
        if (close) socket.destroy();
        const times = { totalMs: now - startedAt, firstByteMs, longestSilenceMs };
        const answer = parser.head && wholeAnswer(parser.head, pieces);
        resolve({ ...times, ...(answer && { answer }), ...(failure && { failure }) });
      };
      const fail = (kind: Failure["kind"], message: string) => finish({ kind, message });
      const outOfTime = () => {
        const what = firstByteMs === undefined ? "no byte of an answer" : "the answer was not complete";
        fail("timeout", `${what} after ${Math.round(performance.now() - startedAt)} ms`);
      };
      const listeners = {
        data: (data: Buffer) => {
          const now = performance.now();
          firstByteMs ??= now - startedAt;
          longestSilenceMs = Math.max(longestSilenceMs, now - lastByteAt);
          lastByteAt = now;
          idle.refresh();
          reads++;
          try {
            parser.push(data);
          } catch {
            return fail("not-http", "the answer is not HTTP/1.1");
          }
          if (size > MAX_ANSWER_BYTES) fail("too-long", `the answer is longer than ${MAX_ANSWER_BYTES} bytes`);
          else if (parser.done || (options.hangUpAfterFirstPiece && pieces.length > 0)) finish();
        },
        end: () => (parser.close() ? finish() : fail("closed", closedMessage(firstByteMs))),
        close: () => (parser.close() ? finish() : fail("closed", closedMessage(firstByteMs))),
        error: (error: NodeJS.ErrnoException) => fail("reset", `the connection broke off (${error.code ?? error.message})`),
      };
      const idle = setTimeout(outOfTime, options.idleMs);
      const total = setTimeout(outOfTime, options.totalMs);
      for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener);
      if (socket.destroyed) return fail("closed", "the server had closed the kept-alive connection");
      socket.write(request);
      if (options.endAfterWrite) socket.end();
    });
  }
}

function wholeAnswer(head: NonNullable<ResponseParser["head"]>, pieces: Piece[]): Answer {
  const decoded = decodeContent(headerOf(head, "content-encoding"), pieces);
  return { ...head, pieces: decoded, body: Buffer.concat(decoded.map(({ bytes }) => bytes)) };
}

function saysClose(head: NonNullable<ResponseParser["head"]>): boolean {
  const connection = headerOf(head, "connection")?.toLowerCase() ?? "";
  return head.version === "1.0" ? !connection.includes("keep-alive") : connection.includes("close");
}

function closedMessage(firstByteMs: number | undefined): string {
  return firstByteMs === undefined
    ? "the connection was closed without an answer"
    : "the connection was closed inside the answer";
}

function connectFailure(error: NodeJS.ErrnoException): Failure {
  const messages: Record<string, string> = {
    ECONNREFUSED: "nothing listens there (connection refused)",
    ENOTFOUND: "there is no such host name",
    EAI_AGAIN: "the host name could not be looked up",
  };
  return { kind: "unreachable", message: messages[error.code ?? ""] ?? (error.code || error.message) };
}
