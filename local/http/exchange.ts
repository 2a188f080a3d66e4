import { type AnswerHead, headerOf } from "./answer-head.ts";
import type { AnswerLimits } from "./limits.ts";

/** What could be decoded when one more HTTP chunk, or a part of it, arrived in one read: the smallest unit that the main app sees. */
export interface Piece {
  /** When it arrived, in milliseconds after the start of the request. */
  readonly atMs: number;
  /** The number of the read. Pieces with the same number arrived together. */
  readonly read: number;
  /** Never empty. */
  readonly bytes: Uint8Array;
}

export interface Answer extends AnswerHead {
  readonly pieces: readonly Piece[];
  /** The whole body, decoded if it is gzip or deflate. */
  readonly body: Uint8Array;
}

/** Why there is no complete answer. `message` is the end of a sentence. */
export interface Failure {
  readonly kind: "unreachable" | "tls" | "closed" | "reset" | "timeout" | "not-http" | "undecodable" | "too-long";
  readonly message: string;
  /** The server's text that `message` is about. It may contain secrets and control characters. */
  readonly peerText?: string | undefined;
}

/** The result of one request. With a failure, `answer` has the part that arrived before it, if the head arrived. */
export interface Exchange {
  readonly answer?: Answer;
  readonly failure?: Failure;
  readonly firstByteMs: number | undefined;
  readonly longestSilenceMs: number;
  readonly totalMs: number;
}

export interface ExchangeOptions {
  /** The longest wait for the next byte, in milliseconds. */
  readonly idleMs: number;
  /** The longest time for the whole exchange, with connecting, in milliseconds. */
  readonly totalMs: number;
  readonly limits: AnswerLimits;
  /** Hang up at the first byte of the body. */
  readonly hangUpAfterFirstPiece?: boolean;
  /** Called with the answer's head, before the first piece. */
  readonly onHead?: (head: AnswerHead) => void;
  /** Closes the connection. */
  readonly signal?: AbortSignal;
  /** Called with the bytes of each {@link Piece}, and with the milliseconds since the start of the request. */
  readonly onPiece?: (bytes: Uint8Array, atMs: number) => void;
  /** If there is no answer at all, look whether the server speaks TLS. That takes a second connection, without a request. */
  readonly suspectTls?: boolean;
  /** End our side of the connection after the request. */
  readonly endAfterWrite?: boolean;
}

/** Whether no request could be sent. */
export function isUnreachable({ failure }: Exchange): boolean {
  return failure?.kind === "unreachable" || failure?.kind === "tls";
}

export function unanswered(failure: Failure): Exchange {
  return { failure, firstByteMs: undefined, longestSilenceMs: 0, totalMs: 0 };
}

/** The failure in words, with the server's text made safe by `quote`. */
export function failureText({ message, peerText }: Failure, quote: (text: string) => string): string {
  return peerText === undefined ? message : `${message}: ${quote(peerText) || "(nothing)"}`;
}

/** The value of a header of the answer; `name` is in lower case. Empty if there is none. */
export function answerHeader(exchange: Exchange, name: string): string {
  return (exchange.answer && headerOf(exchange.answer, name)) ?? "";
}
