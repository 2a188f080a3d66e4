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
  /** The body in the pieces in which it was read, each of at most 64 KiB. */
  pieces: Uint8Array[];
}

/** Somewhere that the webhook runs: in this process, in workerd, or behind a real socket. */
export interface TestTarget {
  send(request: ExactRequest): Promise<Answer>;
  /** The target's clock, in Unix seconds. */
  now(): number;
  /** Where it listens, if it does. */
  readonly port?: number;
}

/** A setting that is undefined is not set, whatever else would set it. */
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
