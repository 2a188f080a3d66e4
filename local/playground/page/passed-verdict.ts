import { replyIn } from "../runs/answer.ts";
import { typeOf } from "./answer-words.ts";
import { failed, NOTHING, wrongTypeWords } from "./failure-words.ts";
import { namedIn, type Outcome } from "./outcome.ts";
import type { Verdict, Verification } from "./protocol.ts";
import { isStream } from "./stream-view.ts";
import { verdictOf } from "./verdict.ts";

/**
 * What happened to a request of the real main app. It looks the same from the chat and from `/run`, and what is stored in the main app
 * cannot be seen from here.
 */
export function passedVerdict(outcome: Outcome, verification: Verification | null): Verdict {
  const verdict = outcome.exchange?.answer?.status === 200 ? answeredVerdict(outcome) : verdictOf(outcome);
  if (verification?.holds !== false || outcome.exchange?.answer?.status !== 200) return verdict;
  const doubt =
    "But its signature does not hold with the secret here: either the secret is another one, or the webhook does not check it.";
  return { ...verdict, what: `${verdict.what} ${doubt}` };
}

function answeredVerdict(outcome: Outcome): Verdict {
  const { exchange, shown, hadText, stopped } = outcome;
  if (!exchange) return verdictOf(outcome);
  if (!isStream(exchange)) {
    const reply = !stopped && !exchange.failure && replied(outcome);
    if (!reply) return failed(wrongTypeWords(typeOf(exchange, outcome.quote)), NOTHING);
    return {
      kind: "shown and forgotten",
      what: "The webhook answered JSON. A caller of /run gets this reply, and the main app stores it.",
      realChat: `${NOTHING} The chat needs the URL that streams.`,
    };
  }
  if (shown.ended === "done" && namedIn(shown.done) !== undefined)
    return {
      kind: "stored",
      what: "The webhook streamed the reply, and says that it stored it in the main app.",
      realChat: `${hadText ? "The text grew" : "Nothing while it streamed"}; then the stored message took its place, if it is in the thread.`,
    };
  return verdictOf(outcome);
}

function replied({ exchange }: Outcome): boolean {
  try {
    return exchange !== undefined && "reply" in replyIn(exchange);
  } catch {
    return false;
  }
}
