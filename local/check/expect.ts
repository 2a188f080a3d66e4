import { isUtf8 } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import { answerHeader, type Exchange } from "../http/exchange.ts";
import type { Quote } from "../peer-text.ts";
import { parseJson } from "../sender/parse-json.ts";
import { Broken, type BrokenDetails, Dead } from "./broken.ts";
import type { Sent, Webhook } from "./webhook.ts";

/** What {@link replyOf} asks for, in words. */
export const A_REPLY = '200 and a JSON object with "reply", a string';

const REVIVAL_TRIES = 5;
const REVIVAL_PAUSE_MS = 300;

/** An answer in one line: status, type, the start of the body, or why there is none. */
export function described(exchange: Exchange & { readonly quote: Quote }): string {
  const { answer, failure, quote } = exchange;
  const said = failure ? failure.message : "";
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

/** The reply in an answer that the main app would take: exactly 200, a JSON object, `reply` a string. Throws {@link Broken}. */
export function replyOf(sent: Sent, details: BrokenDetails = {}): string {
  return replyObject(sent, details).reply;
}

export function replyObject(sent: Sent, details: BrokenDetails = {}): { reply: string } {
  const broken = (fix?: string) => new Broken(described(sent), { by: sent, ...(fix && { fix }), ...details });
  const status = statusOf(sent);
  if (status >= 300 && status < 400) throw broken("Answer at the URL itself: the main app follows no redirect.");
  if (status === 404 || status === 405) throw broken("Take POST at this path; or is the webhook at another one?");
  if (status !== 200) throw broken();
  const type = answerHeader(sent, "content-type");
  if (type.startsWith("text/event-stream")) {
    throw broken("This URL streams: give it as --stream, and as URL the one that answers JSON.");
  }
  const { body } = sent.answer as NonNullable<Sent["answer"]>;
  const encoding = answerHeader(sent, "content-encoding");
  if (!isUtf8(body))
    throw broken(encoding ? `Do not send Content-Encoding: ${sent.quote(encoding)}.` : "Write the answer as UTF-8.");
  let value: unknown;
  try {
    value = parseJson(bodyText(sent).replace(/^\ufeff/, ""));
  } catch {
    throw broken('Answer with one JSON object, {"reply": "…"}, and nothing around it.');
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || !("reply" in value)) {
    throw broken('Answer with a JSON object that has "reply".');
  }
  if (typeof value.reply !== "string") throw broken('Make "reply" a string: the main app takes nothing else as it is.');
  return value as { reply: string };
}

/** That an answer refuses the request with a 4xx. Throws {@link Broken}. */
export function expectRefused(sent: Sent, details: BrokenDetails = {}): void {
  const status = statusOf(sent);
  if (status < 400 || status > 499) throw new Broken(described(sent), { by: sent, ...details });
}

/** That there is a complete answer, and that it is not a 5xx. Throws {@link Broken}. */
export function expectAnswered(sent: Sent, details: BrokenDetails = {}): void {
  const status = statusOf(sent);
  if (status < 200 || status > 499) throw new Broken(described(sent), { by: sent, ...details });
}

/** That the webhook still answers the smoke payload after `sent`. Throws {@link Broken}, or {@link Dead} if nothing listens any more. */
export async function expectAlive(webhook: Webhook, sent: Sent): Promise<void> {
  const probe = await webhook.send(webhook.smokeRequest());
  try {
    replyOf(probe);
  } catch (error) {
    if (!(error instanceof Broken)) throw error;
    const came = `after this request, the plain smoke message got: ${error.message}`;
    const details = {
      by: sent,
      fix: "Catch every error of a request inside that request, so that the next one is served as ever.",
    };
    throw probe.failure && !(await revived(webhook)) ? new Dead(came, details) : new Broken(came, details);
  }
}

/** Whether the webhook listens again: one that is restarted by a supervisor gets a moment for it. */
async function revived(webhook: Webhook): Promise<boolean> {
  for (let i = 0; i < REVIVAL_TRIES && !webhook.deadline.passed; i++) {
    await sleep(Math.min(REVIVAL_PAUSE_MS, webhook.deadline.leftMs));
    if (await webhook.listens()) return true;
  }
  return false;
}
