import { answerHeader, type Exchange } from "../../http/exchange.ts";
import { InternalError } from "../http-error.ts";
import { firstCharacters, replacedText } from "../python/decode.ts";
import { parsePythonJson } from "../python/parse-json.ts";
import { pythonStr } from "../python/text.ts";
import type { PythonValue } from "../python/value.ts";
import { callError, statusError } from "./webhook-error.ts";

const SHOWN_BY_RUN = 200;

/** What `/run` makes of an answer: the text to store, or an error for its caller (observed). Throws an InternalError where it answers 500. */
export function replyIn(exchange: Exchange): { reply: string } | { error: string } {
  const { failure, answer } = exchange;
  if (failure || !answer) return { error: failure ? callError(failure, exchange) : "" };
  if (answer.status !== 200) return { error: statusError(answer.status, firstCharacters(textIn(exchange), SHOWN_BY_RUN)) };
  let data: PythonValue;
  try {
    data = parsePythonJson(answer.body);
  } catch (error) {
    return { error: `Invalid JSON response from webhook: ${(error as Error).message}` };
  }
  // Python fails to look up a key in anything else, and the main app does not catch that.
  if (!(data instanceof Map)) throw new InternalError("the answer is JSON, but no object");
  const reply = data.get("reply") ?? null;
  return reply === null ? { error: "Webhook response missing required 'reply' field" } : { reply: pythonStr(reply) };
}

/** The body as the main app shows it: in the charset of its Content-Type. */
export function textIn(exchange: Exchange): string {
  return replacedText(exchange.answer?.body ?? new Uint8Array(), answerHeader(exchange, "content-type"));
}
