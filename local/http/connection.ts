import { connect, type Socket } from "node:net";
import { visible } from "../../shared/visible.ts";
import { type AnswerHead, headerOf } from "./answer-head.ts";
import { AnswerRecorder } from "./answer-recorder.ts";
import { type Exchange, type ExchangeOptions, type Failure, unanswered } from "./exchange.ts";
import { connectTls, SPEAKS_TLS, speaksTls, type TlsError, tlsFailure } from "./tls.ts";
import { UnreadableAnswer } from "./unreadable-answer.ts";

/** One connection to a webhook, for one exchange or for several, one after the other. */
export class Connection {
  readonly #socket: Socket;

  private constructor(socket: Socket) {
    this.#socket = socket;
    // An exchange has its own error listener. Without this one, an error between two exchanges would end the process.
    socket.on("error", () => {});
  }

  /** Connects to the host and port of `url`, with TLS for https. Resolves with a failure instead of rejecting. */
  static open(url: URL, timeoutMs: number): Promise<Connection | Failure> {
    const { secure, host, port } = placeOf(url);
    return new Promise((resolve) => {
      const socket = secure ? connectTls(host, port) : connect({ host, port });
      const timer = setTimeout(() => {
        socket.destroy();
        resolve({ kind: "unreachable", message: `no connection within ${timeoutMs} ms` });
      }, timeoutMs);
      socket.once("error", (error: TlsError) => {
        clearTimeout(timer);
        resolve((secure && tlsFailure(error)) || connectFailure(error));
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

  /** Writes the bytes of `request` and reads one answer. */
  exchange(request: Uint8Array, method: string, options: ExchangeOptions): Promise<Exchange> {
    const socket = this.#socket;
    const startedAt = performance.now();
    const recorder = new AnswerRecorder(method, options.limits, options.onPiece, options.onHead);
    /** Resolves when all bytes that were read are recorded. */
    let recorded = Promise.resolve();
    let over = false;
    let lastByteAt = startedAt;
    let firstByteMs: number | undefined;
    let longestSilenceMs = 0;

    return new Promise((resolve, reject) => {
      const end = (failure?: Failure) => {
        if (over) return;
        over = true;
        clearTimeout(idle);
        clearTimeout(total);
        for (const [event, listener] of Object.entries(listeners)) socket.off(event, listener);
        options.signal?.removeEventListener("abort", hangUp);
        const now = performance.now();
        longestSilenceMs = Math.max(longestSilenceMs, now - lastByteAt);
        const close = failure || options.hangUpAfterFirstPiece || (recorder.head && saysClose(recorder.head));
        if (close) socket.destroy();
        else socket.resume();
        const times = { totalMs: now - startedAt, firstByteMs, longestSilenceMs };
        const answer = recorder.end();
        resolve({ ...times, ...(answer && { answer }), ...(failure && { failure }) });
      };
      const fail = (kind: Failure["kind"], message: string) => end({ kind, message });
      const hangUp = () => fail("closed", "we hung up");
      const outOfTime = () => {
        const what = firstByteMs === undefined ? "no byte of an answer" : "the answer was not complete";
        fail("timeout", `${what} after ${Math.round(performance.now() - startedAt)} ms`);
      };
      const goOn = () => {
        if (recorder.done || (options.hangUpAfterFirstPiece && recorder.hasBody)) end();
        else if (!over) socket.resume();
      };
      const giveUp = (error: unknown) => {
        if (error instanceof UnreadableAnswer) {
          const { kind, message, peerText } = error;
          return end({ kind, message, peerText });
        }
        socket.destroy();
        reject(error);
      };
      const closed = async () => {
        await recorded;
        if (recorder.close()) end();
        else fail("closed", closedMessage(firstByteMs));
      };
      const listeners = {
        data: (data: Buffer) => {
          const now = performance.now();
          firstByteMs ??= now - startedAt;
          longestSilenceMs = Math.max(longestSilenceMs, now - lastByteAt);
          lastByteAt = now;
          idle.refresh();
          // The next bytes are read when these are decoded, so that they cannot pile up.
          socket.pause();
          recorded = recorder
            .take(data, now - startedAt)
            .then(goOn)
            .catch(giveUp);
        },
        end: closed,
        close: closed,
        error: async (error: NodeJS.ErrnoException) => {
          await recorded;
          fail("reset", `the connection broke off (${visible(error.code ?? error.message)})`);
        },
      };
      const idle = setTimeout(outOfTime, options.idleMs);
      const total = setTimeout(outOfTime, options.totalMs);
      for (const [event, listener] of Object.entries(listeners)) socket.on(event, listener);
      if (socket.destroyed) return fail("closed", "the server had closed the kept-alive connection");
      if (options.signal?.aborted) return hangUp();
      options.signal?.addEventListener("abort", hangUp);
      socket.write(request);
      if (options.endAfterWrite) socket.end();
    });
  }
}

/** Sends one request over its own connection. */
export async function exchangeOnce(url: URL, request: Uint8Array, method: string, options: ExchangeOptions): Promise<Exchange> {
  const { idleMs, totalMs } = options;
  const startedAt = performance.now();
  const connection = await Connection.open(url, Math.min(idleMs, totalMs));
  if (!(connection instanceof Connection)) return unanswered(connection);
  try {
    const leftMs = Math.max(0, totalMs - (performance.now() - startedAt));
    const exchange = await connection.exchange(request, method, { ...options, totalMs: leftMs });
    return options.suspectTls && (await isTls(url, exchange, idleMs))
      ? unanswered({ kind: "tls", message: SPEAKS_TLS })
      : exchange;
  } finally {
    connection.close();
  }
}

/** Whether a request without TLS got no byte because the server speaks TLS: most such servers just close the connection. */
async function isTls(url: URL, { failure, firstByteMs }: Exchange, timeoutMs: number): Promise<boolean> {
  const { secure, host, port } = placeOf(url);
  const isSilent = firstByteMs === undefined && (failure?.kind === "closed" || failure?.kind === "reset");
  return isSilent && !secure && (await speaksTls(host, port, timeoutMs));
}

/** Where `url` is: a host without brackets, and a port. */
export function placeOf(url: URL) {
  const secure = url.protocol === "https:";
  return { secure, host: url.hostname.replace(/^\[|\]$/g, ""), port: Number(url.port || (secure ? 443 : 80)) };
}

function saysClose(head: AnswerHead): boolean {
  const connection = headerOf(head, "connection")?.toLowerCase() ?? "";
  return head.version < "1.1" ? !connection.includes("keep-alive") : connection.includes("close");
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
  return { kind: "unreachable", message: messages[error.code ?? ""] ?? visible(error.code || error.message) };
}
