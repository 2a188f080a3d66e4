const MIB = 1_048_576;

/** How much of one answer is taken. An exchange whose answer goes past it ends with the failure `too-long`. */
export interface AnswerLimits {
  /** Bytes of the body, before and after its content encoding is undone. */
  readonly bodyBytes: number;
  /** Pieces in which the body comes. */
  readonly pieces: number;
}

/** The main app was seen to store a reply of 10 MB; no stream that a person can read has as many pieces. */
export const LIMITS: AnswerLimits = { bodyBytes: 10 * MIB, pieces: 100_000 };

/** For many exchanges at the same time, whose answers share the memory. */
export const LIMITS_AT_ONCE: AnswerLimits = { bodyBytes: MIB / 4, pieces: 2000 };

/** Bytes of the head of an answer, of a trailer, or of the line before a chunk. */
export const MAX_HEAD_BYTES = 64 * 1024;

/** Interim answers (100 Continue and its like) before the answer. */
export const MAX_INTERIM_ANSWERS = 100;

/** All bytes of one answer may be this many times those of its body: chunk sizes come on top. */
export const WIRE_FACTOR = 2;
