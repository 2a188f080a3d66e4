import { isRecord } from "../../../shared/json-text.ts";
import { answerHeader, type Exchange } from "../../http/exchange.ts";
import type { Quote } from "../../peer-text.ts";
import { asShown } from "../../sender/dashboard-reader.ts";
import { typeOf } from "./answer-words.ts";
import { callFailure, failed, failureWords, statusWords } from "./failure-words.ts";
import { jsonOfAnswer, type Outcome, resultOf } from "./outcome.ts";
import type { Verdict } from "./protocol.ts";

const NOT_THE_CHAT = "Its chat never calls /run. The caller of /run gets";

/** The verdict of `/run`, which reads JSON. */
export function runVerdict(outcome: Outcome): Verdict {
  const { exchange, error } = outcome;
  const before = callFailure(outcome, `${NOT_THE_CHAT} HTTP 500, and no reply.`);
  if (before) return before;
  if (error !== undefined)
    return failed(
      `The main app fails and loses the reply: ${error}.`,
      `${NOT_THE_CHAT} HTTP 500 (ERROR_INTERNAL), and no reply.`,
    );
  const result = resultOf(outcome);
  if (result?.status === "completed") return { ...replyStored(exchange, outcome.quote), kind: "stored" };
  const told = `${NOT_THE_CHAT} an error, and no reply: "${outcome.quote(asShown(result?.error ?? ""))}".`;
  if (!exchange) return failed("The main app got no answer.", told);
  if (exchange.failure) return failed(failureWords(outcome, exchange), told);
  if (exchange.answer?.status !== 200) return failed(statusWords(outcome, exchange), told);
  const value = jsonOfAnswer(exchange);
  if (isRecord(value)) return failed('The answer has no "reply", or it is null: answer {"reply":"…"}.', told);
  const streams = answerHeader(exchange, "content-type").includes("text/event-stream");
  return failed(
    streams
      ? `The webhook streamed, and /run needs JSON: give the App ${jsonUrl(outcome)}.`
      : `The answer (${typeOf(exchange, outcome.quote)}) is not JSON: answer {"reply":"…"} in UTF-8.`,
    told,
  );
}

/** This project's webhook answers JSON at the path before …/stream. */
function jsonUrl({ url }: Outcome): string {
  return /\/stream$/.test(url)
    ? `the URL that answers JSON, such as ${url.replace(/stream$/, "")}`
    : "the URL that answers JSON";
}

function replyStored(exchange: Exchange | undefined, quote: Quote): Pick<Verdict, "what" | "realChat"> {
  const value = exchange && jsonOfAnswer(exchange);
  const reply = isRecord(value) ? value.reply : undefined;
  const others = isRecord(value) ? Object.keys(value).filter((key) => key !== "reply") : [];
  const notes = [
    ...(value !== undefined && typeof reply !== "string"
      ? [`"reply" is no string, so Python's text for it was stored: send a string.`]
      : []),
    ...(typeof reply === "string" && reply.trim() === "" ? ["It is an empty message."] : []),
    ...(others.length > 0 ? [`The main app drops ${others.slice(0, 3).map(quote).join(", ")}.`] : []),
  ];
  return {
    what: ["The main app stored the reply.", ...notes].join(" "),
    realChat: `${NOT_THE_CHAT} the reply. The chat shows it after a reload.`,
  };
}
