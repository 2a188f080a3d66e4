import { cleanText } from "./json-text.ts";
import type { Env } from "./reply-types.ts";
import type { VerifySettings } from "./verify.ts";

const DEFAULT_REPLY_TIMEOUT_MS = 25_000;
const DEFAULT_FALLBACK_REPLY = "Sorry, I could not answer that. Please try again.";

/** The webhook's settings, read once from the deployment's environment. */
export interface Settings extends VerifySettings {
  readonly replyTimeoutMs: number;
  readonly fallbackReply: string;
  /** Settings that are nearly always a mistake, in words, with what to do. Never a value of a secret. */
  readonly warnings: readonly string[];
}

/** Reads the settings. A value that cannot be understood never weakens the webhook: it warns, and the safer meaning holds. */
export function readSettings(env: Env): Settings {
  const warnings: string[] = [];
  const text = (name: string) => (typeof env[name] === "string" ? env[name] : "");

  const secrets: string[] = [];
  for (const name of ["WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS"]) {
    const secret = text(name);
    if (secret === "") continue;
    secrets.push(secret);
    if (/^\s|\s$|^(["']).*\1$/s.test(secret)) {
      warnings.push(
        `${name} has white space or quotes around it. It is used as it is; paste it again without them if that was an accident.`,
      );
    }
  }

  const required = text("REQUIRE_SIGNATURE").toLowerCase();
  const requireSignature = !["", "false", "0", "no"].includes(required);
  if (requireSignature && !["true", "1", "yes"].includes(required)) {
    warnings.push("REQUIRE_SIGNATURE is neither true nor false. It counts as true.");
  }
  if (requireSignature && secrets.length === 0) {
    warnings.push("REQUIRE_SIGNATURE is on, but there is no WEBHOOK_SECRET: every message is refused. Set WEBHOOK_SECRET.");
  }

  const timeout = text("REPLY_TIMEOUT_MS");
  let replyTimeoutMs = DEFAULT_REPLY_TIMEOUT_MS;
  if (/^[1-9]\d{0,6}$/.test(timeout)) replyTimeoutMs = Number(timeout);
  else if (timeout !== "")
    warnings.push(
      `REPLY_TIMEOUT_MS is not a whole number of milliseconds from 1 to 9999999. ${DEFAULT_REPLY_TIMEOUT_MS} is used.`,
    );

  const fallbackReply = cleanText(text("FALLBACK_REPLY")) || DEFAULT_FALLBACK_REPLY;
  return { secrets, requireSignature, replyTimeoutMs, fallbackReply, warnings };
}

/** Whether messages must be signed here, in plain words. */
export function signatureMode({ secrets, requireSignature }: VerifySettings): string {
  if (secrets.length > 1) return "signed: WEBHOOK_SECRET or WEBHOOK_SECRET_PREVIOUS";
  if (secrets.length === 1) return "signed: messages without a valid signature are refused";
  if (requireSignature) return "not configured: every message is refused until WEBHOOK_SECRET is set";
  return "unsigned: everyone who knows the URL can send messages; set WEBHOOK_SECRET";
}
