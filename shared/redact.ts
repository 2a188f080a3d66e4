import type { Log } from "./log.ts";
import type { Env } from "./reply-types.ts";

/** Names of settings whose value is a secret. */
const SECRET = /SECRET|KEY|TOKEN|PASS|CREDENTIAL|DSN|_PWD$|_AUTH$/i;
/** A shorter value is not replaced: it would also stand in ordinary words. So would these. */
const SHORTEST = 4;
const ORDINARY = /^(?:\d{1,6}|true|false)$/i;
/** The most characters of a message that are logged. */
const MAX_LENGTH = 10_000;

/** A log in whose messages each secret setting is replaced by its name, such as `[LLM_API_KEY]`. Errors of others may quote it. */
export function withoutSecrets(log: Log, env: Env): Log {
  const forms = Object.entries(env).flatMap(([name, value]) => {
    if (typeof value !== "string") return [];
    return secretsIn(name, value)
      .filter((secret) => secret.trim().length >= SHORTEST && !ORDINARY.test(secret))
      .flatMap(formsOf)
      .map((form) => [form, `[${name}]`] as const);
  });
  // The longest first: one secret may contain another.
  forms.sort(([a], [b]) => b.length - a.length);
  return (record) => {
    if (record.message === undefined) return log(record);
    const message = forms.reduce((text, [form, name]) => text.replaceAll(form, name), record.message);
    return log({ ...record, message: message.slice(0, MAX_LENGTH) });
  };
}

/** The secrets in a setting: its value, each text in it if it is JSON such as WEBHOOK_SECRETS, or the password of a URL. */
function secretsIn(name: string, value: string): string[] {
  if (!isSecretName(name)) return [passwordIn(value)];
  const secrets = [value];
  try {
    JSON.parse(value, (_, part) => typeof part === "string" && secrets.push(part));
  } catch {}
  return secrets;
}

/** The password in a URL, such as that of a database. Empty if there is none. */
function passwordIn(text: string): string {
  return URL.parse(text)?.password ?? "";
}

/** Whether a setting of this name is a secret. */
export function isSecretName(name: string): boolean {
  return SECRET.test(name);
}

/** A secret as it is, without white space around it, in JSON, and in a URL. */
function formsOf(secret: string): string[] {
  const written = [secret, secret.trim()];
  return [...written, ...written.map((text) => JSON.stringify(text).slice(1, -1)), ...written.map(encodeURIComponent)];
}
