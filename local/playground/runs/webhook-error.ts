import { answerHeader, type Exchange, type Failure, failureText } from "../../http/exchange.ts";
import { pythonRepr } from "../python/text.ts";

/** The main app's words for a call that failed (observed). The details are those of its HTTP client. */
export function callError(failure: Failure, exchange: Exchange): string {
  return failure.kind === "timeout" ? "Webhook timed out: " : `Webhook request failed: ${detail(failure, exchange)}`;
}

function detail(failure: Failure, exchange: Exchange): string {
  const { kind } = failure;
  if (kind === "unreachable") return "All connection attempts failed";
  if (kind === "reset") return "";
  if (kind !== "closed") return failureText(failure, pythonRepr);
  if (!exchange.answer) return "Server disconnected without sending a response.";
  const length = answerHeader(exchange, "content-length");
  const missing = length ? `received ${exchange.answer.body.length} bytes, expected ${length}` : "incomplete chunked read";
  return `peer closed connection without sending complete message body (${missing})`;
}

export const statusError = (status: number, start: string) => `Webhook returned HTTP ${status}: ${start}`;
export const typeError = (contentType: string) => `Expected SSE (text/event-stream) but got '${contentType}'`;
