/** A request whose header names, order, repetitions and body bytes are sent as they are. */
export interface ExactRequest {
  method: string;
  path: string;
  headers: [name: string, value: string][];
  body: Uint8Array<ArrayBuffer>;
}

export interface Answer {
  status: number;
  headers: Headers;
  /** The body in the pieces that were read, each of at most 64 KiB. */
  pieces: Uint8Array[];
}

/** A running webhook under test: in this process, in workerd, or behind a real socket. */
export interface TestTarget {
  send(request: ExactRequest): Promise<Answer>;
  /** The target's clock, in Unix seconds. */
  now(): number;
  /** The port that it listens on, if any. */
  readonly port?: number;
  /** The process that was started, if any. The webhook may run in a child of it. */
  readonly pid?: number | undefined;
}

/** Settings of a webhook under test. An undefined one is unset, even if it has a default for tests. */
export type TestEnv = Record<string, string | undefined>;

export function textOf(answer: Answer): string {
  const bytes = new Uint8Array(answer.pieces.reduce((size, piece) => size + piece.length, 0));
  let offset = 0;
  for (const piece of answer.pieces) {
    bytes.set(piece, offset);
    offset += piece.length;
  }
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
export function jsonOf(answer: Answer): any {
  return JSON.parse(textOf(answer));
}
