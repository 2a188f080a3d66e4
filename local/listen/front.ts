import type { IncomingMessage, ServerResponse } from "node:http";
import { listenOnLoopback, type Serving } from "../http/loopback.ts";

const MOST_BODY_BYTES = 8_388_608;

/** A request that has arrived in place of a webhook's. */
export interface Arrival {
  /** From 1. */
  readonly number: number;
  readonly at: Date;
  readonly request: IncomingMessage;
  readonly body: Buffer;
  readonly response: ServerResponse;
}

/** What stands in front of a webhook. */
export interface Front {
  /** Answers a request whose whole body has arrived. */
  take(arrival: Arrival): Promise<void>;
  /** Is told why a request was not taken, as the end of a sentence. */
  notTaken(arrival: Omit<Arrival, "body">, why: string): void;
}

/** Listens on this computer's loopback addresses. Resolves once it listens. */
export function listenInFront(port: number, front: Front): Promise<Serving> {
  let count = 0;
  return listenOnLoopback((request: IncomingMessage, response: ServerResponse) => {
    const arrival = { number: ++count, at: new Date(), request, response };
    taken(arrival, front).catch((error: Error) => {
      front.notTaken(arrival, error.message);
      fail(response, 500, "This request could not be looked at.");
    });
  }, port);
}

async function taken(arrival: Omit<Arrival, "body">, front: Front): Promise<void> {
  const body = await bodyOf(arrival.request);
  if (body === "hung up") return front.notTaken(arrival, "the caller hung up inside its body");
  if (body !== "too large") return front.take({ ...arrival, body });
  front.notTaken(arrival, `refused, because its body has more than ${MOST_BODY_BYTES} bytes`);
  fail(arrival.response, 413, `A body may have at most ${MOST_BODY_BYTES} bytes here.`);
}

/** The body. A string says why there is none. */
function bodyOf(request: IncomingMessage): Promise<Buffer | "too large" | "hung up"> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let length = 0;
    request.on("data", (piece: Buffer) => {
      length += piece.length;
      if (length <= MOST_BODY_BYTES) pieces.push(piece);
      else resolve("too large");
    });
    request.once("end", () => resolve(Buffer.concat(pieces)));
    request.once("close", () => resolve("hung up"));
    request.on("error", () => resolve("hung up"));
  });
}

/** Answers with a problem, unless an answer has begun. */
export function fail(response: ServerResponse, status: number, detail: string): void {
  if (response.headersSent || response.destroyed) return;
  response
    .writeHead(status, { "content-type": "application/problem+json", connection: "close" })
    .end(JSON.stringify({ detail }));
}
