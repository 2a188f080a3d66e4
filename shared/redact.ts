import type { Log } from "./log.ts";
import type { Env } from "./reply-types.ts";

/** Names of settings whose value is a secret. */
const SECRET = /SECRET|KEY|TOKEN|PASSW|CREDENTIAL/i;
/** A shorter value is not replaced: it would also stand in ordinary words. */
const SHORTEST = 4;

/** A log in whose messages each secret setting is replaced by its name, such as `[LLM_API_KEY]`. Errors of others may quote it. */
export function withoutSecrets(log: Log, env: Env): Log {
  const forms = Object.entries(env).flatMap(([name, value]) => {
    if (!isSecretName(name) || typeof value !== "string" || value.trim().length < SHORTEST) return [];
    return formsOf(value).map((form) => [form, `[${name}]`] as const);
  });
  // The longest first: one secret may contain another.
  forms.sort(([a], [b]) => b.length - a.length);
  return (record) => {
    if (record.message === undefined) return log(record);
    return log({ ...record, message: forms.reduce((text, [form, name]) => text.replaceAll(form, name), record.message) });
  };
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
