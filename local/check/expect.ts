import { isUtf8 } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { answerHeader, type Exchange, failureText } from "../http/exchange.ts";
import type { Quote } from "../peer-text.ts";
import { parseJson } from "../sender/parse-json.ts";
import { Broken, type BrokenDetails, Dead } from "./broken.ts";
import type { Sent, Webhook } from "./webhook.ts";

/** The answer that {@link replyOf} expects, in words. */
export const A_REPLY = '200 and a JSON object with "reply", a string';

const REVIVAL_TRIES = 5;
const REVIVAL_PAUSE_MS = 300;

/** An answer in one line: status, type and the start of the body, or why there is no answer. */
export function described(exchange: Exchange & { readonly quote: Quote }): string {
  const { answer, failure, quote } = exchange;
  const said = failure ? failureText(failure, quote) : "";
  if (!answer) return said;
  const type = quote(answerHeader(exchange, "content-type")) || "no Content-Type";
  const body = quote(bodyText(exchange)) || "(empty body)";
  return [`${answer.status}, ${type}: ${body}`, said].filter(Boolean).join("; ");
}

export function bodyText({ answer }: Exchange): string {
  return new TextDecoder().decode(answer?.body ?? new Uint8Array());
}

export function statusOf({ answer, failure }: Exchange): number {
  return failure ? 0 : (answer?.status ?? 0);
}

/** The reply in an answer. Throws {@link Broken} if the main app would not accept it: not 200, not a JSON object, `reply` not a string. */
export function replyOf(sent: Sent, details: BrokenDetails = {}): string {
  return replyObject(sent, details).reply;
}

export function replyObject(sent: Sent, details: BrokenDetails = {}): { reply: string } {
  const broken = (fix?: string) => new Broken(described(sent), { by: sent, ...(fix && { fix }), ...details });
  const status = statusOf(sent);
  if (status >= 300 && status < 400) throw broken("Answer at the URL itself: the main app follows no redirect.");
  if (status === 404 || status === 405) throw broken("Accept POST at this path. Or is the webhook at another path?");
  if (status !== 200) throw broken();
  const type = answerHeader(sent, "content-type");
  if (type.startsWith("text/event-stream")) {
    throw broken("This URL streams. Give it as --stream, and give the URL that answers JSON as URL.");
  }
  if (!isUtf8(sent.answer?.body ?? Buffer.alloc(0))) throw broken(encodingFix(sent) ?? "Write the answer as UTF-8.");
  let value: unknown;
  try {
    value = parseJson(bodyText(sent).replace(/^\ufeff/, ""));
  } catch {
    throw broken('Answer with one JSON object, {"reply": "…"}, and no text around it.');
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || !("reply" in value)) {
    throw broken('Answer with a JSON object that has "reply".');
  }
  if (typeof value.reply !== "string") throw broken('Make "reply" a string: the main app changes every other value.');
  return value as { reply: string };
}

/** The fix for a body that is still encoded, because the main app does not know its encoding; undefined if it has none. */
export function encodingFix(sent: Sent): string | undefined {
  const encoding = answerHeader(sent, "content-encoding");
  return encoding && !isUtf8(sent.answer?.body ?? Buffer.alloc(0))
    ? `Do not send Content-Encoding: ${sent.quote(encoding)}.`
    : undefined;
}

/** Throws {@link Broken} unless the answer refuses the request with a 4xx. */
export function expectRefused(sent: Sent, details: BrokenDetails = {}): void {
  const status = statusOf(sent);
  if (status >= 400 && status <= 499) return;
  // It was not accepted either: a webhook that answers nothing does not answer this.
  const unanswered = status === 0 || status >= 500;
  throw new Broken(described(sent), { by: sent, ...details, ...(unanswered && { follows: "C01" }) });
}

/** Whether the server closed the connection instead of a whole answer. */
export function isCutOff({ failure }: Exchange): boolean {
  return failure?.kind === "closed" || failure?.kind === "reset";
}

/** Throws {@link Broken} if the request was accepted. A failure, or no answer, accepts nothing. */
export function expectNotAccepted(sent: Sent, details: BrokenDetails = {}): void {
  const status = statusOf(sent);
  if (status >= 200 && status < 400) throw new Broken(described(sent), { by: sent, ...details });
}

/** Throws {@link Broken} unless there is a complete answer below 500. */
export function expectAnswered(sent: Sent, details: BrokenDetails = {}): void {
  const status = statusOf(sent);
  if (status < 200 || status > 499) throw new Broken(described(sent), { by: sent, ...details });
}

/** Throws {@link Broken} unless the webhook still answers a plain message after `sent`; {@link Dead} if it listens no more. */
export async function expectAlive(webhook: Webhook, sent: Sent): Promise<void> {
  const probe = await webhook.send(webhook.plainRequest());
  try {
    replyOf(probe);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const came = `after this request, a plain message got: ${error.message}`;
    const details = {
      by: sent,
      // Also in a check of level SHOULD: the next message is the main app's.
      level: "MUST" as const,
      fix: "Catch every error of a request inside that request, so that the next one is answered normally.",
    };
    throw probe.failure && !(await revived(webhook)) ? new Dead(came, details) : new Broken(came, details);
  }
}

/** Whether the webhook listens again after a moment: a supervisor may restart it. */
async function revived(webhook: Webhook): Promise<boolean> {
  for (let i = 0; i < REVIVAL_TRIES && !webhook.deadline.passed; i++) {
    await sleep(Math.min(REVIVAL_PAUSE_MS, webhook.deadline.leftMs));
    if (await webhook.listens()) return true;
  }
  return false;
}
