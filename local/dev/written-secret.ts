import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { newLocalSecret } from "../deploy/secrets.ts";
import { UsageError } from "../usage-error.ts";

/**
 * The environment with a webhook secret. If neither the shell nor `.env` names WEBHOOK_SECRET, a new one is written into `.env`, so
 * that every command here shares it. An empty one stays: it was set to have no signatures.
 */
export function withSecret(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (env.WEBHOOK_SECRET !== undefined) return env;
  const secret = newLocalSecret();
  try {
    const before = existsSync(".env") ? readFileSync(".env", "utf8") : "";
    const lineEnd = before === "" || before.endsWith("\n") ? "" : "\n";
    appendFileSync(".env", `${lineEnd}WEBHOOK_SECRET=${secret}\n`, { mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`.env cannot be written: ${code}. Set WEBHOOK_SECRET in the shell.`);
  }
  console.log(SECRET_WRITTEN);
  return { ...env, WEBHOOK_SECRET: secret };
}

/** Said once, without the secret. */
export const SECRET_WRITTEN = "A new WEBHOOK_SECRET is in .env: the webhook, the playground, send and check share it.";
