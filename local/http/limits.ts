const MIB = 1_048_576;

/** The most that is read of one answer. If an answer is longer, its exchange ends with the failure `too-long`. */
export interface AnswerLimits {
  /** Bytes of the body, both before and after it is decoded. */
  readonly bodyBytes: number;
  /** Pieces in which the body arrives, before it is decoded. */
  readonly pieces: number;
}

/** The main app was seen to store a reply of 10 MB. A stream for a person has far fewer pieces. */
export const LIMITS: AnswerLimits = { bodyBytes: 10 * MIB, pieces: 100_000 };

/** For many exchanges at the same time: their answers share the memory. */
export const LIMITS_AT_ONCE: AnswerLimits = { bodyBytes: MIB / 4, pieces: 2000 };

/** The most bytes of an answer's head, of a trailer, or of the line before a chunk: httpx reads no more. */
export const MAX_HEAD_BYTES = 100 * 1024;

/** The most times that a body may be compressed. Each decoder takes memory. */
export const MAX_ENCODINGS = 5;

/** The most interim answers, such as 100 Continue, before the answer. */
export const MAX_INTERIM_ANSWERS = 100;

/** The whole answer may have this many times the bytes of `bodyBytes`, for the head and the chunk sizes. */
export const WIRE_FACTOR = 2;
