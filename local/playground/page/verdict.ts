import { isRecord } from "../../../shared/json-text.ts";
import { answerHeader, type Exchange } from "../../http/exchange.ts";
import { asShown } from "../../sender/dashboard-reader.ts";
import { sentence, textOf, typeOf } from "./answer-words.ts";
import { callFailure, failed, failureWords, NOTHING, statusWords, wrongTypeWords } from "./failure-words.ts";
import { namedIn, type Outcome } from "./outcome.ts";
import type { Verdict } from "./protocol.ts";
import { runVerdict } from "./run-verdict.ts";
import { testVerdict } from "./test-verdict.ts";

const VANISHED = "The text grew, and then vanished without a notice. Only the console of the user's browser has the reason.";
const GONE = "The text grew, and vanished at the end. It is not there after a reload either.";

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
    return failed(wrongTypeWords(typeOf(exchange, outcome.quote)), NOTHING);
  if (failure) return failed(failureWords(outcome, exchange), seen);
  if (answer && answer.status !== 200) return failed(statusWords(outcome, exchange), NOTHING);
  if (shown.ended === "error") {
    const message = isRecord(shown.error) ? outcome.quote(asShown(shown.error.message)) : "";
    return failed(message ? `The webhook sent an error event: ${sentence(message)}` : "The webhook sent an error event.", seen);
  }
  if (shown.ended === "broken event")
    return failed('An event\'s data is not JSON, such as {"text":"…"} in one line. The chat stops reading there.', seen);
  return endlessVerdict(outcome, textOf(answer?.body ?? new Uint8Array()));
}

/**
 * The main app ends a failed stream with an error event and a done of its own. The chat reads the error event first, unless the
 * stream was cut off inside a line.
 */
function isMainApps(done: unknown, { failure }: Exchange): boolean {
  return failure !== undefined && isRecord(done) && done.status === "error" && Object.keys(done).length === 1;
}

function doneVerdict({ posted, postedLate, hadText, quote }: Outcome, done: unknown): Verdict {
  const { status } = isRecord(done) ? done : {};
  const grew = hadText ? "The text grew" : "Nothing while it streamed";
  const named = namedIn(done);
  if (posted.length > 0) {
    if (named !== undefined && !postedLate)
      return {
        kind: "stored",
        what: posted.includes(named)
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
  const why = named
    ? `done names a message_id that is not in the thread: ${store}.`
    : status === undefined
      ? `the main app stores nothing of a stream: ${store}.`
      : `done has ${status === "completed" ? "no message_id" : `the status ${quote(asShown(status))}`}, and the main app stores nothing of a stream: ${store}.`;
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
