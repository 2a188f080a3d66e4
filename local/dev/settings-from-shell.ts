import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";

const DEFAULT_PORT = 8081;

/** A mistake of the person at the keyboard: shown as one sentence, without a stack. */
export class UsageError extends Error {}

/** What the shell says, and for what the shell does not say, the `.env` file. */
export function shellAndFile(): NodeJS.ProcessEnv {
  return { ...fromFile(), ...process.env };
}

/** The environment for a local webhook, which runs unsigned where neither a secret nor REQUIRE_SIGNATURE is set. */
export function localEnvironment(): NodeJS.ProcessEnv {
  const env = shellAndFile();
  return { LOG_FORMAT: "text", ...env, REQUIRE_SIGNATURE: env.REQUIRE_SIGNATURE || "false" };
}

function fromFile(): NodeJS.ProcessEnv {
  if (!existsSync(".env")) return {};
  try {
    // Windows editors put a byte order mark before the first name, which would hide that setting.
    return parseEnv(readFileSync(".env", "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    throw new UsageError(`.env cannot be read: ${(error as NodeJS.ErrnoException).code ?? "it is no text file"}.`);
  }
}

/** The port from PORT, or 8081. */
export function localPort(env: NodeJS.ProcessEnv): number {
  const port = Number(env.PORT || DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new UsageError("PORT must be a number from 1 to 65535.");
  return port;
}
