import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { Readable } from "node:stream";
import { constants, createGunzip, createInflate } from "node:zlib";
import { visible } from "../../../shared/visible.ts";
import type { Answer, Exchange, Failure, Piece } from "../../http/exchange.ts";
import { GrowingBytes } from "../../http/growing-bytes.ts";
import type { AnswerLimits } from "../../http/limits.ts";
import { bodyBytes } from "../../sender/body.ts";
import { type OutgoingRequest, variablesOf, withValues } from "../../sender/outgoing-request.ts";

type Head = Pick<Answer, "version" | "status" | "headers">;

export interface StreamOptions {
  /** The longest wait for the next byte, in milliseconds. */
  readonly idleMs: number;
  readonly limits: AnswerLimits;
  /** Called before the first piece. */
  readonly onHead: (head: Head) => void;
  /** Called with the decoded bytes of each HTTP chunk, or of the part of one that arrived in one read. */
  readonly onPiece: (bytes: Uint8Array, atMs: number) => void;
  /** Closes the connection. */
  readonly signal: AbortSignal;
}

const FLUSH = { flush: constants.Z_SYNC_FLUSH, finishFlush: constants.Z_SYNC_FLUSH, chunkSize: 65_536 };
const NEVER_CONNECTED = ["connect", "getaddrinfo"];

/**
 * Sends one request over its own connection and hands on the answer as it comes. `exchangeOnce` of local/http tells the
 * head only at the end, and the main app decides by the head whether it forwards the first piece.
 */
export function streamOnce(request: OutgoingRequest, secret: string | undefined, options: StreamOptions): Promise<Exchange> {
  const { url } = request;
  const startedAt = performance.now();
  const sinceStart = () => performance.now() - startedAt;
  const values = variablesOf(request, secret);
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const outgoing = send({
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port,
    path: `${url.pathname}${url.search}`,
    method: request.method,
    headers: request.headers.flatMap(([name, value]) => [name, withValues(value, values)]),
    agent: false,
    setHost: false,
    timeout: options.idleMs,
  });

  return new Promise((resolve) => {
    const pieces: Piece[] = [];
    const body = new GrowingBytes();
    let head: Head | undefined;
    let firstByteMs: number | undefined;
    let lastByteMs = 0;
    let longestSilenceMs = 0;
    const end = (failure?: Failure) => {
      options.signal.removeEventListener("abort", hangUp);
      outgoing.destroy();
      longestSilenceMs = Math.max(longestSilenceMs, sinceStart() - lastByteMs);
      const times = { firstByteMs, longestSilenceMs, totalMs: sinceStart() };
      resolve({ ...times, ...(head && { answer: { ...head, pieces, body: body.bytes } }), ...(failure && { failure }) });
    };
    const fail = (kind: Failure["kind"], message: string) => end({ kind, message });
    const hangUp = () => fail("closed", "the caller hung up");
    options.signal.addEventListener("abort", hangUp);
    outgoing.on("timeout", () => fail("timeout", `no byte for ${options.idleMs} ms`));
    outgoing.on("error", (error: NodeJS.ErrnoException) => {
      if (NEVER_CONNECTED.includes(error.syscall ?? "") || error instanceof AggregateError)
        fail("unreachable", visible(error.code ?? error.message));
      else if (error.code?.startsWith("HPE_")) fail("not-http", visible(error.message));
      else if (head) fail("closed", "the connection was closed inside the answer");
      else fail("closed", "the connection was closed without an answer");
    });
    outgoing.on("response", (response) => {
      head = headOf(response);
      options.onHead(head);
      const decoded = decodedBody(response);
      decoded.on("data", (bytes: Buffer) => {
        const atMs = sinceStart();
        firstByteMs ??= atMs;
        longestSilenceMs = Math.max(longestSilenceMs, atMs - lastByteMs);
        lastByteMs = atMs;
        body.add(bytes);
        pieces.push({ atMs, read: pieces.length + 1, bytes });
        options.onPiece(bytes, atMs);
        if (body.length > options.limits.bodyBytes)
          fail("too-long", `the answer is longer than ${options.limits.bodyBytes} bytes`);
        if (pieces.length > options.limits.pieces)
          fail("too-long", `the answer comes in more than ${options.limits.pieces} pieces`);
      });
      response.on("error", () => fail("closed", "the connection was closed inside the answer"));
      decoded.on("error", (error) => fail("closed", visible(error.message)));
      decoded.on("end", () => end());
    });
    outgoing.end(bodyBytes(request.body));
    if (options.signal.aborted) hangUp();
  });
}

function headOf({ httpVersion, statusCode = 0, rawHeaders }: IncomingMessage): Head {
  const headers = rawHeaders.flatMap((name, i) => (i % 2 === 0 ? [[name, rawHeaders[i + 1] ?? ""] as const] : []));
  return { version: httpVersion, status: statusCode, headers };
}

function decodedBody(response: IncomingMessage): Readable {
  const encoding = response.headers["content-encoding"]?.trim().toLowerCase();
  if (encoding === "gzip") return response.pipe(createGunzip(FLUSH));
  return encoding === "deflate" ? response.pipe(createInflate(FLUSH)) : response;
}
