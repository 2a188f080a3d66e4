import { isRecord } from "../../../shared/json-text.ts";
import { answerHeader, type Exchange } from "../../http/exchange.ts";
import { asShown, type Shown } from "../../sender/dashboard-reader.ts";
import { parseJson } from "../../sender/parse-json.ts";
import type { Route } from "../runs/events.ts";
import { problemIn, sentence, short, shortAnswer, textOf, typeOf, whyNoAnswer } from "./answer-words.ts";
import type { Verdict } from "./protocol.ts";

/** What is known when an exchange is over. */
export interface Outcome {
  readonly route: Route;
  /** The main app's own simulator answered. */
  readonly simulated: boolean;
  readonly url: string;
  readonly exchange?: Exchange | undefined;
  /** What the chat has read of a stream. */
  readonly shown: Shown;
  /** Whether the chat has shown any text, also if it is gone. */
  readonly hadText: boolean;
  /** The JSON that the caller of `/run`, or of the Test button, gets. */
  readonly result: string;
  /** Why the main app itself failed. */
  readonly error?: string | undefined;
  /** Why the webhook was not called. */
  readonly notCalled?: string | undefined;
  /** Somebody pressed Stop. */
  readonly stopped: boolean;
  /** The ids of the messages that were added to the thread through the Partner API, since it began. */
  readonly posted: readonly string[];
  /** Such a message came only after the end. */
  readonly postedLate: boolean;
}

export const NOTHING = "Nothing: no message and no notice. Only the console of the user's browser has the reason.";
const VANISHED = "The text grew, and then vanished without a notice. Only the console of the user's browser has the reason.";
const GONE = "The text grew, and vanished at the end. It is not there after a reload either.";
const NOT_THE_CHAT = "Its chat never calls /run. The caller of /run gets";

/** What happened, and what the real chat would have shown: each row of what the main app was seen to do. */
export function verdictOf(outcome: Outcome): Verdict {
  if (outcome.route === "test") return testVerdict(outcome);
  if (outcome.simulated)
    return {
      kind: "stored",
      what: "The main app's own simulator answered. No webhook was called: choose the mode Webhook, and give its URL.",
      realChat: "The reply, and it is there after a reload.",
    };
  return outcome.route === "run" ? runVerdict(outcome) : streamVerdict(outcome);
}

export function failed(what: string, realChat: string): Verdict {
  return { kind: "failed", what, realChat };
}

function streamVerdict(outcome: Outcome): Verdict {
  const verdict = streamRow(outcome);
  if (verdict.kind === "stored" || outcome.posted.length === 0) return verdict;
  return {
    kind: "stored",
    what: `${verdict.what} But the webhook stored a message through the Partner API.`,
    realChat: `${verdict.realChat} The stored message is there after a reload.`,
  };
}

function streamRow(outcome: Outcome): Verdict {
  const { shown, exchange, error, stopped, hadText } = outcome;
  const seen = hadText ? VANISHED : NOTHING;
  const before = callFailure(outcome, seen);
  if (before) return before;
  if (!exchange) return failed(`The main app failed: ${error ?? "nothing was sent"}.`, NOTHING);
  if (shown.ended === "done" && !isMainApps(shown.done, exchange)) return doneVerdict(outcome, shown.done);
  if (stopped)
    return {
      kind: hadText ? "shown and forgotten" : "failed",
      what: "The chat hung up, and the main app closed the connection to the webhook at once.",
      realChat: hadText ? "The text so far, until Stop. Nothing is stored." : "Nothing.",
    };
  const { answer, failure } = exchange;
  // The main app hangs up on a type that it does not forward.
  if (answer?.status === 200 && !answerHeader(exchange, "content-type").includes("text/event-stream"))
    return failed(wrongTypeWords(typeOf(exchange)), NOTHING);
  if (failure) return failed(failureWords(outcome, exchange), seen);
  if (answer && answer.status !== 200) return failed(statusWords(exchange), NOTHING);
  if (shown.ended === "error") {
    const message = isRecord(shown.error) ? short(asShown(shown.error.message)) : "";
    return failed(message ? `The webhook sent an error event: ${sentence(message)}` : "The webhook sent an error event.", seen);
  }
  if (shown.ended === "broken event")
    return failed('An event\'s data is not JSON, such as {"text":"…"} in one line. The chat stops reading there.', seen);
  return endlessVerdict(outcome, textOf(answer?.body ?? new Uint8Array()));
}

export function wrongTypeWords(type: string): string {
  if (/text\/event-stream/i.test(type)) return `The webhook answered with ${type}: write text/event-stream in lower case.`;
  const how = "give the App the URL that streams, such as /stream";
  return `The webhook answered with ${type}, and the chat needs text/event-stream: ${how}.`;
}

/**
 * The main app ends a failed stream with an error event and a done of its own. The chat reads the error event first, unless the
 * stream was cut off inside a line.
 */
function isMainApps(done: unknown, { failure }: Exchange): boolean {
  return failure !== undefined && isRecord(done) && done.status === "error" && Object.keys(done).length === 1;
}

function doneVerdict({ posted, postedLate, hadText }: Outcome, done: unknown): Verdict {
  const { status, message_id } = isRecord(done) ? done : {};
  const grew = hadText ? "The text grew" : "Nothing while it streamed";
  const names = status === "completed" && typeof message_id === "string" && message_id !== "";
  if (posted.length > 0) {
    if (names && !postedLate)
      return {
        kind: "stored",
        what: posted.includes(message_id)
          ? `The webhook ${hadText ? "streamed the reply and stored it" : "stored the reply and streamed none of it"}.`
          : "The webhook stored a message, but its done event has another message_id.",
        realChat: `${grew}; then the stored message took its place. It is there after a reload.`,
      };
    return {
      kind: "stored",
      what: postedLate
        ? "The webhook stored the reply, but only after its done event."
        : "The webhook stored the reply, but its done event does not have the status completed and the message_id.",
      realChat: `${hadText ? "The text grew, and vanished at the end" : "Nothing"}. The stored message is there after a reload.`,
    };
  }
  const store = "store the reply through the Partner API before done, and name it there";
  const why = names
    ? `done names a message_id that is not in the thread: ${store}.`
    : status === undefined
      ? `the main app stores nothing of a stream: ${store}.`
      : `done has ${status === "completed" ? "no message_id" : `the status ${short(asShown(status))}`}, and the main app stores nothing of a stream: ${store}.`;
  return {
    kind: "shown and forgotten",
    what: `${hadText ? "The reply was streamed" : "The stream had no text"}, but nothing was stored: ${why}`,
    realChat: hadText ? GONE : "Nothing. The input is free again.",
  };
}

/** The stream ended, and the chat did not see an end. */
function endlessVerdict({ hadText }: Outcome, body: string): Verdict {
  const why = body.includes("\r\n")
    ? "The stream has \\r\\n as line ends, and the chat knows only \\n: it saw no event."
    : /(?:^|\n)event: ?done\n/.test(body)
      ? "The chat did not see the done event: it was split over two reads, or it has no data."
      : "The stream ended without a done event.";
  const stays = hadText ? "The text stays with a blinking cursor" : "No text";
  return failed(why, `${stays}, and the input says "Waiting for response…" until somebody presses Stop. Nothing is stored.`);
}

function runVerdict(outcome: Outcome): Verdict {
  const { exchange, error } = outcome;
  const before = callFailure(outcome, `${NOT_THE_CHAT} HTTP 500, and no reply.`);
  if (before) return before;
  if (error !== undefined)
    return failed(
      `The main app fails and loses the reply: ${error}.`,
      `${NOT_THE_CHAT} HTTP 500 (ERROR_INTERNAL), and no reply.`,
    );
  const result = objectIn(outcome.result);
  if (result?.status === "completed") return { ...replyStored(exchange), kind: "stored" };
  const told = `${NOT_THE_CHAT} an error, and no reply: "${short(asShown(result?.error ?? ""))}".`;
  if (!exchange) return failed("The main app got no answer.", told);
  if (exchange.failure) return failed(failureWords(outcome, exchange), told);
  if (exchange.answer?.status !== 200) return failed(statusWords(exchange), told);
  const value = jsonIn(exchange);
  if (isRecord(value)) return failed('The answer has no "reply", or it is null: answer {"reply":"…"}.', told);
  const streams = answerHeader(exchange, "content-type").includes("text/event-stream");
  return failed(
    streams
      ? `The webhook streamed, and /run needs JSON: give the App ${jsonUrl(outcome)}.`
      : `The answer (${typeOf(exchange)}) is not JSON: answer {"reply":"…"} in UTF-8.`,
    told,
  );
}

/** This project's webhook answers JSON at the path before …/stream. */
function jsonUrl({ url }: Outcome): string {
  return /\/stream$/.test(url)
    ? `the URL that answers JSON, such as ${url.replace(/stream$/, "")}`
    : "the URL that answers JSON";
}

function replyStored(exchange: Exchange | undefined): Pick<Verdict, "what" | "realChat"> {
  const value = exchange && jsonIn(exchange);
  const reply = isRecord(value) ? value.reply : undefined;
  const others = isRecord(value) ? Object.keys(value).filter((key) => key !== "reply") : [];
  const notes = [
    ...(value !== undefined && typeof reply !== "string"
      ? [`"reply" is no string, so Python's text for it was stored: send a string.`]
      : []),
    ...(typeof reply === "string" && reply.trim() === "" ? ["It is an empty message."] : []),
    ...(others.length > 0 ? [`The main app drops ${others.slice(0, 3).map(short).join(", ")}.`] : []),
  ];
  return {
    what: ["The main app stored the reply.", ...notes].join(" "),
    realChat: `${NOT_THE_CHAT} the reply. The chat shows it after a reload.`,
  };
}

/** The Test button shows a line about the answer, and stores nothing. */
function testVerdict(outcome: Outcome): Verdict {
  const { exchange, error } = outcome;
  const result = objectIn(outcome.result);
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
        : `200 OK — ${result.latency_ms}ms. Reply: ${reply === null ? "-" : short(asShown(reply))}. ${signature}.`,
    };
  }
  const before = callFailure(outcome, `${TEST_WORDS.WEBHOOK_TEST_CONNECTION_ERROR}. ${signature}.`);
  if (before) return before;
  const shown = `${http}${TEST_WORDS[asShown(result?.error)] ?? "Connection error"}. ${signature}.`;
  if (!exchange) return failed("The request could not be sent.", shown);
  if (exchange.failure) return failed(failureWords(outcome, exchange), shown);
  if (exchange.answer?.status !== 200) return failed(statusWords(exchange), shown);
  if (answerHeader(exchange, "content-type").includes("text/event-stream"))
    return failed("The webhook streamed, and the Test button reads only JSON. The chat may work all the same.", shown);
  return isRecord(jsonIn(exchange))
    ? failed('The answer has no "reply": answer {"reply":"…"}.', shown)
    : failed(`The answer (${typeOf(exchange)}) is not a JSON object: answer {"reply":"…"} in UTF-8.`, shown);
}

const TEST_WORDS: Record<string, string> = {
  WEBHOOK_TEST_BAD_STATUS: "Webhook returned a non-200 status",
  WEBHOOK_TEST_NOT_JSON: "Response is not valid JSON",
  WEBHOOK_TEST_MISSING_REPLY: "Response missing required 'reply' field",
  WEBHOOK_TEST_TIMEOUT: "Request timed out",
  WEBHOOK_TEST_CONNECTION_ERROR: "Connection error",
};

function callFailure({ notCalled }: Outcome, realChat: string): Verdict | undefined {
  return notCalled === undefined
    ? undefined
    : failed(`The main app does not call this webhook: ${short(notCalled)}.`, realChat);
}

function failureWords({ url }: Outcome, { failure, longestSilenceMs, answer }: Exchange): string {
  if (!failure) return "";
  const { kind } = failure;
  const why = sentence(whyNoAnswer(failure));
  const seconds = Math.max(0.1, Math.round(longestSilenceMs / 100) / 10);
  if (kind === "timeout")
    return `The webhook was silent for ${seconds} s, and the main app gave up: send something sooner, such as ": ping" in a stream.`;
  if (kind === "unreachable") return `${url} cannot be reached: ${why} Is the webhook running?`;
  if (kind === "too-long") {
    // A longer head is not read by the main app either.
    const goesOn = why.startsWith("the answer") ? " The main app would have gone on." : "";
    return `The playground stopped reading: ${why}${goesOn}`;
  }
  if (kind === "not-http" || kind === "undecodable") return why[0]?.toUpperCase() + why.slice(1);
  return answer ? `The answer broke off: ${why}` : `There was no HTTP answer: ${why}`;
}

function statusWords(exchange: Exchange): string {
  const status = exchange.answer?.status ?? 0;
  if (status >= 300 && status < 400)
    return `The webhook redirects (HTTP ${status}${location(exchange)}), and the main app follows no redirect: give the App the new URL.`;
  const came = shortAnswer(exchange);
  if (status === 401 || status === 403) {
    const why = problemIn(exchange)?.code.startsWith("timestamp") ? "the timestamp" : "the signature";
    return `The webhook refused ${why}: ${sentence(came)}`;
  }
  return `The webhook answered ${sentence(came)} The main app takes only 200.`;
}

function location(exchange: Exchange): string {
  const to = short(answerHeader(exchange, "location"));
  return to && ` to ${to}`;
}

function objectIn(json: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = parseJson(json);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function jsonIn({ answer }: Exchange): unknown {
  try {
    return parseJson(textOf(answer?.body ?? new Uint8Array()));
  } catch {
    return undefined;
  }
}
