import { isRecord } from "../../../shared/json-text.ts";
import { answerHeader } from "../../http/exchange.ts";
import { asShown } from "../../sender/dashboard-reader.ts";
import { typeOf } from "./answer-words.ts";
import { callFailure, failed, failureWords, statusWords } from "./failure-words.ts";
import { jsonOfAnswer, type Outcome, resultOf } from "./outcome.ts";
import type { Verdict } from "./protocol.ts";

/** The Test button shows a line about the answer, and stores nothing. */
export function testVerdict(outcome: Outcome): Verdict {
  const { exchange, error } = outcome;
  const result = resultOf(outcome);
  if (error !== undefined && !result) return failed(`The main app fails: ${error}.`, "The Test button shows no result.");
  const signature = `Signature: ${result?.signature_sent ? "Sent ✓" : "Not configured"}`;
  const http = typeof result?.status_code === "number" ? `HTTP ${result.status_code} — ${result.latency_ms}ms. ` : "";
  if (result?.ok) {
    const { reply } = isRecord(result.response_json) ? result.response_json : {};
    const crashes = typeof reply === "object" && reply !== null;
    return {
      kind: "shown and forgotten",
      what: crashes ? '"reply" is no string: send a string.' : "The webhook answered as it should. A test stores nothing.",
      realChat: crashes
        ? "The dashboard's page crashes."
        : `200 OK — ${result.latency_ms}ms. Reply: ${reply === null ? "-" : outcome.quote(asShown(reply))}. ${signature}.`,
    };
  }
  const before = callFailure(outcome, `${TEST_WORDS.WEBHOOK_TEST_CONNECTION_ERROR}. ${signature}.`);
  if (before) return before;
  const shown = `${http}${TEST_WORDS[asShown(result?.error)] ?? "Connection error"}. ${signature}.`;
  if (!exchange) return failed("The request could not be sent.", shown);
  if (exchange.failure) return failed(failureWords(outcome, exchange), shown);
  if (exchange.answer?.status !== 200) return failed(statusWords(outcome, exchange), shown);
  if (answerHeader(exchange, "content-type").includes("text/event-stream"))
    return failed("The webhook streamed, and the Test button reads only JSON. The chat may work all the same.", shown);
  return isRecord(jsonOfAnswer(exchange))
    ? failed('The answer has no "reply": answer {"reply":"…"}.', shown)
    : failed(`The answer (${typeOf(exchange, outcome.quote)}) is not a JSON object: answer {"reply":"…"} in UTF-8.`, shown);
}

const TEST_WORDS: Record<string, string> = {
  WEBHOOK_TEST_BAD_STATUS: "Webhook returned a non-200 status",
  WEBHOOK_TEST_NOT_JSON: "Response is not valid JSON",
  WEBHOOK_TEST_MISSING_REPLY: "Response missing required 'reply' field",
  WEBHOOK_TEST_TIMEOUT: "Request timed out",
  WEBHOOK_TEST_CONNECTION_ERROR: "Connection error",
};
