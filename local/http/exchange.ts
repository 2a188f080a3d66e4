import type { AnswerLimits } from "./limits.ts";
import { type AnswerHead, headerOf } from "./response-parser.ts";

/** Body bytes that came in one read from the socket and in one HTTP chunk: the smallest unit that a receiver sees. */
export interface Piece {
  /** Milliseconds after the request was begun. */
  readonly atMs: number;
  /** Number of the read; pieces with the same number arrived together. */
  readonly read: number;
  readonly bytes: Uint8Array;
}

export interface Answer extends AnswerHead {
  readonly pieces: readonly Piece[];
  /** The whole body, with gzip and deflate undone. */
  readonly body: Uint8Array;
}

/** Why there is no whole answer, in words that end a sentence. */
export interface Failure {
  readonly kind: "unreachable" | "closed" | "reset" | "timeout" | "not-http" | "too-long";
  readonly message: string;
}

/** What came of one request. With a failure, `answer` holds what arrived before it, if the head did. */
export interface Exchange {
  readonly answer?: Answer;
  readonly failure?: Failure;
  readonly firstByteMs: number | undefined;
  readonly longestSilenceMs: number;
  readonly totalMs: number;
}

export interface ExchangeOptions {
  /** The longest silence that is waited through, in milliseconds. */
  readonly idleMs: number;
  /** The longest whole exchange, connecting included, in milliseconds. */
  readonly totalMs: number;
  readonly limits: AnswerLimits;
  /** Hang up as soon as the first byte of the body is there. */
  readonly hangUpAfterFirstPiece?: boolean;
  /** Called with body bytes as they come, and when, in milliseconds after the request was begun. */
  readonly onPiece?: (bytes: Uint8Array, atMs: number) => void;
  /** Send no more after the request: the server sees the end of our side. */
  readonly endAfterWrite?: boolean;
}

export function unanswered(failure: Failure): Exchange {
  return { failure, firstByteMs: undefined, longestSilenceMs: 0, totalMs: 0 };
}

/** The value of a header of the answer, by its name in lower case; empty where there is none. */
export function answerHeader(exchange: Exchange, name: string): string {
  return (exchange.answer && headerOf(exchange.answer, name)) ?? "";
}
