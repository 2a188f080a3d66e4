import { type PartnersReply, unmetNeeds } from "./define-reply.ts";
import { isHeaderSafe } from "./header-safe.ts";
import { cleanText } from "./json-text.ts";
import { plainUrl, withoutTrailingSlashes } from "./plain-url.ts";
import type { Env } from "./reply-types.ts";
import type { VerifySettings } from "./request/verify.ts";
import { allSecrets, readSecrets } from "./secrets.ts";

const DEFAULT_REPLY_TIMEOUT_MS = 25_000;
const DEFAULT_FALLBACK_REPLY = "Sorry, I could not answer that. Please try again.";
const DEFAULT_DEFER_TIMEOUT_MS = 60_000;
const DEFAULT_DEFER_REPLY = "This takes a little longer. The answer will follow here.";
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** The webhook's settings, read once from the deployment's environment. */
export interface Settings extends VerifySettings {
  readonly replyTimeoutMs: number;
  readonly fallbackReply: string;
  /** The main app's backend, without a slash at its end. Undefined if it is not set or not valid. */
  readonly backendUrl: string | undefined;
  /** Undefined unless slow replies on `/` are deferred, that is, stored in the thread later. */
  readonly defer: { readonly reply: string; readonly timeoutMs: number } | undefined;
  /** Whether a copy of a signed request gets the first one's answer. */
  readonly runOnce: boolean;
  /** Sentences about settings that are nearly always a mistake, each with what to do. Never a secret. */
  readonly warnings: readonly string[];
}

/**
 * Reads the settings. A value that cannot be understood gives a warning and the safer setting: it never weakens the webhook.
 * `requireSignature` is the default of REQUIRE_SIGNATURE.
 */
export function readSettings(env: Env, reply?: PartnersReply, requireSignature = false): Settings {
  const warnings: string[] = [];
  // A Worker's [vars] may also be numbers and booleans, such as REQUIRE_SIGNATURE = true.
  const text = (name: string) => (["string", "number", "boolean"].includes(typeof env[name]) ? String(env[name]) : "");
  const flag = (name: string, byDefault = false) => {
    const value = text(name).toLowerCase();
    if (value === "") return byDefault;
    if (!["false", "0", "no", "true", "1", "yes"].includes(value))
      warnings.push(`${name} is neither true nor false. It counts as true.`);
    return !["false", "0", "no"].includes(value);
  };
  const milliseconds = (name: string, byDefault: number) => {
    const value = text(name);
    if (/^[1-9]\d{0,6}$/.test(value)) return Number(value);
    if (value !== "") warnings.push(`${name} is not a whole number of milliseconds from 1 to 9999999. ${byDefault} is used.`);
    return byDefault;
  };

  const { secrets, appSecrets, mustSign } = readSecrets(env, warnings);
  const known = allSecrets({ secrets, appSecrets });
  const isClosed = flag("REQUIRE_SIGNATURE", requireSignature) || mustSign;
  if (isClosed && known.length === 0 && appSecrets) {
    warnings.push(
      "There is no WEBHOOK_SECRET, so every message is refused. Set WEBHOOK_SECRET. " +
        "Only to try the webhook without a secret, set REQUIRE_SIGNATURE to false.",
    );
  }

  const backendUrl = backendUrlOf(text("BACKEND_URL"), warnings);
  const missing = [
    !backendUrl && "BACKEND_URL to the main app's backend",
    known.length === 0 && "WEBHOOK_SECRET to the App's secret",
  ].filter(Boolean);
  if (missing.length > 0) {
    warnings.push(
      "The chat will forget streamed text as soon as it is complete, because replies are not stored. " +
        `Set ${missing.join(" and ")} to keep it.`,
    );
  } else if (!known.every(isHeaderSafe)) {
    warnings.push(
      "A secret with white space around it or with letters outside ASCII can sign, but can never pass the Partner API: " +
        "replies will not be stored. Choose another secret in the dashboard and here.",
    );
  }

  if (reply) warnings.push(...unmetNeeds(reply, env));

  return {
    secrets,
    appSecrets,
    requireSignature: isClosed,
    replyTimeoutMs: milliseconds("REPLY_TIMEOUT_MS", DEFAULT_REPLY_TIMEOUT_MS),
    fallbackReply: cleanText(text("FALLBACK_REPLY")) || DEFAULT_FALLBACK_REPLY,
    backendUrl,
    defer: flag("DEFER")
      ? {
          reply: cleanText(text("DEFER_REPLY")) || DEFAULT_DEFER_REPLY,
          timeoutMs: milliseconds("DEFER_TIMEOUT_MS", DEFAULT_DEFER_TIMEOUT_MS),
        }
      : undefined,
    runOnce: flag("RUN_ONCE", true),
    warnings,
  };
}

/** The secret is sent to this URL, so it must be https, or this computer. */
function backendUrlOf(text: string, warnings: string[]): string | undefined {
  if (text === "") return undefined;
  const url = plainUrl(text);
  if (url && (url.protocol === "https:" || LOOPBACK.includes(url.hostname))) return withoutTrailingSlashes(url.href);
  warnings.push(
    "BACKEND_URL must be an https:// URL without user, query or fragment (http:// only for localhost). It is ignored.",
  );
  return undefined;
}

/** The signature mode in one word, and an explanation of it. */
export function signatureMode({ secrets, appSecrets, requireSignature }: VerifySettings): {
  mode: string;
  explanation: string;
} {
  if (!appSecrets) return { mode: "not configured", explanation: "every message is refused until WEBHOOK_SECRETS can be read" };
  if (secrets.length + appSecrets.size > 0) {
    const accepted =
      secrets.length > 1 ? "WEBHOOK_SECRET or WEBHOOK_SECRET_PREVIOUS" : "messages without a valid signature are refused";
    const named = appSecrets.size > 0 ? `; Apps with their own secret: ${appSecrets.size}` : "";
    return { mode: "signed", explanation: accepted + named };
  }
  if (requireSignature) return { mode: "not configured", explanation: "every message is refused until WEBHOOK_SECRET is set" };
  return { mode: "unsigned", explanation: "everyone who knows the URL can send messages; set WEBHOOK_SECRET" };
}
