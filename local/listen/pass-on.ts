import { type IncomingMessage, request as requestPlain, type ServerResponse } from "node:http";
import { request as requestTls } from "node:https";

/** How a request that was passed on ended. Without a failure, the caller got the whole answer. */
export interface PassedOn {
  readonly status?: number | undefined;
  readonly type?: string | undefined;
  /** Milliseconds until the head of the answer was there. */
  readonly headMs?: number;
  readonly ms: number;
  /** As the end of a sentence. */
  readonly failure?: string;
}

/**
 * Passes a request on to `to`, and its answer back to the caller as it arrives: the headers in their order and case, the body byte
 * for byte. Only Host changes. If `to` has a path, the request goes there, and else to its own path. A caller that hangs up aborts
 * the request. If there is no answer, nothing is written to the caller.
 */
export function passOn(request: IncomingMessage, body: Buffer, to: URL, response: ServerResponse): Promise<PassedOn> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    let head: Pick<PassedOn, "status" | "type" | "headMs"> = {};
    // The first call counts: what ends one connection ends the other too.
    const end = (failure?: string) =>
      resolve({ ...head, ms: performance.now() - startedAt, ...(failure !== undefined && { failure }) });

    const onward = (to.protocol === "https:" ? requestTls : requestPlain)({
      host: to.hostname.replace(/^\[|\]$/g, ""),
      port: to.port,
      method: request.method,
      path: to.pathname === "/" && to.search === "" ? request.url : to.pathname + to.search,
      headers: withHost(request.rawHeaders, to.host),
      agent: false,
    });
    onward.on("error", (error: NodeJS.ErrnoException) => end(failureOf(error)));
    onward.once("response", (answer) => {
      const { statusCode = 0, statusMessage, rawHeaders } = answer;
      try {
        // Node would add these two to an answer that has none.
        response.sendDate = false;
        response.removeHeader("connection");
        response.writeHead(statusCode, statusMessage, rawHeaders);
      } catch (error) {
        end(`its answer cannot be passed on (${(error as Error).message})`);
        return onward.destroy();
      }
      head = { status: statusCode, type: answer.headers["content-type"], headMs: performance.now() - startedAt };
      answer.on("error", () => {
        end("the webhook broke its answer off");
        response.destroy();
      });
      // Before the first byte of the body: a stream's caller may wait for the head.
      response.flushHeaders();
      answer.pipe(response);
    });
    response.once("finish", () => end());
    response.once("close", () => {
      end("the caller hung up, so the request to the webhook was aborted");
      onward.destroy();
    });
    onward.end(body);
  });
}

function failureOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === "ECONNREFUSED") return "nothing listens there (connection refused)";
  if (code === "ENOTFOUND" || code === "EAI_AGAIN") return "there is no such host name";
  if (code === "ECONNRESET") return "the webhook closed the connection without an answer";
  return code ?? message;
}

function withHost(rawHeaders: readonly string[], host: string): string[] {
  return rawHeaders.map((value, i) => (i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === "host" ? host : value));
}
