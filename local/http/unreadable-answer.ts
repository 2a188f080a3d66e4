/** The server's bytes cannot be read as an answer. `message` says why, as the end of a sentence. */
export class UnreadableAnswer extends Error {
  readonly kind: "tls" | "not-http" | "undecodable" | "too-long";
  /** The text that cannot be read. It is the server's: see `failureText`. */
  readonly peerText: string | undefined;
  constructor(kind: UnreadableAnswer["kind"], message: string, peerText?: string) {
    super(message);
    this.kind = kind;
    this.peerText = peerText;
  }
}

export function notHttp(why: string, peerText?: string): UnreadableAnswer {
  return new UnreadableAnswer("not-http", `the main app cannot read the answer: ${why}`, peerText);
}

export function tooLong(message: string): UnreadableAnswer {
  return new UnreadableAnswer("too-long", message);
}
