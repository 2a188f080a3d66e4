import { existsSync, readFileSync } from "node:fs";
import { parseEnv } from "node:util";

const DEFAULT_PORT = 8081;

/** A mistake of the user. Its message is shown as one sentence, without a stack. */
export class UsageError extends Error {}

/** The shell's variables, and those of the `.env` file that the shell does not set. */
export function shellAndFile(): NodeJS.ProcessEnv {
  return { ...fromFile(), ...process.env };
}

/** The environment of a local webhook. It runs unsigned if neither a secret nor REQUIRE_SIGNATURE is set. */
export function localEnvironment(): NodeJS.ProcessEnv {
  const env = shellAndFile();
  return { LOG_FORMAT: "text", ...env, REQUIRE_SIGNATURE: env.REQUIRE_SIGNATURE || "false" };
}

function fromFile(): NodeJS.ProcessEnv {
  if (!existsSync(".env")) return {};
  try {
    // Windows editors write a byte order mark at the start. It would become part of the first name.
    return parseEnv(readFileSync(".env", "utf8").replace(/^\ufeff/, ""));
  } catch (error) {
    throw new UsageError(`.env cannot be read: ${(error as NodeJS.ErrnoException).code ?? "it is not a text file"}.`);
  }
}

/** The port from PORT, or 8081. */
export function localPort(env: NodeJS.ProcessEnv): number {
  const port = Number(env.PORT || DEFAULT_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new UsageError("PORT must be a number from 1 to 65535.");
  return port;
}
