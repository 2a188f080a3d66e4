/** One form of the secret, of the joined bytes or of the body to try. `finding` says what is unusual about it. */
export interface Trial<T> {
  readonly value: T;
  readonly finding?: Finding;
}

export interface Finding {
  readonly code: string;
  readonly what: string;
  readonly fix: string;
  /** Not a fault: by the contract, a webhook accepts it. */
  readonly accepted?: boolean;
}

/** The other side: the sender of a request that is explained, or the webhook to which a request is sent. */
export type Peer = "sender" | "webhook";
