import type { Exchange } from "../../http/exchange.ts";
import type { OutgoingRequest } from "../../sender/outgoing-request.ts";
import type { Microseconds } from "../python/time.ts";

/** The three things that call a webhook. */
export type Route = "run" | "stream" | "test";

interface Place {
  readonly route: Route;
  readonly appId: string;
  readonly threadId: string;
}

/** The main app fails before it calls anything: a refused URL, or a time-out that is no number. */
interface NotCalled extends Place {
  readonly type: "not called";
  readonly reason: string;
}

interface Requested extends Place {
  readonly type: "request";
  readonly at: Microseconds;
  /** The request as data: a shell command can make it again. */
  readonly request: OutgoingRequest;
  /** The exact bytes, head and body. */
  readonly bytes: Uint8Array;
  /** The exact signed bytes. None if the App has no secret. */
  readonly signed?: Uint8Array;
}

/** What a run sends, sees and makes of it, in this order. A page or a test can look on; nothing is kept here. */
export type RunEvent = { readonly run: string } & (
  | NotCalled
  | Requested
  /** Bytes of the answer's body, as they were read, `atMs` milliseconds after the start of the request. */
  | { readonly type: "read"; readonly bytes: Uint8Array; readonly atMs: number }
  | { readonly type: "answer"; readonly exchange: Exchange }
  /** What the caller gets: one answer, or one chunk of a stream. */
  | { readonly type: "result"; readonly text: string }
  /** The run is over. `error` says why the caller got a 500 or a stream that breaks off. */
  | { readonly type: "end"; readonly error?: string }
);

export type Observe = (event: RunEvent) => void;
