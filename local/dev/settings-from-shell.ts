import { shellAndFile } from "../env-file.ts";
import { UsageError } from "../usage-error.ts";
import { PLAYGROUND_PORT } from "./port.ts";

const DEFAULT_PORT = 8081;

/** The environment of a local webhook. It runs unsigned if neither a secret nor REQUIRE_SIGNATURE is set. */
export function localEnvironment(): NodeJS.ProcessEnv {
  const env = shellAndFile();
  return { LOG_FORMAT: "text", ...env, REQUIRE_SIGNATURE: env.REQUIRE_SIGNATURE || "false" };
}

/** The port from PORT, or 8081. */
export function localPort(env: NodeJS.ProcessEnv): number {
  return portFrom(env, "PORT", DEFAULT_PORT);
}

/** The port from PLAYGROUND_PORT, or 8082. */
export function playgroundPort(env: NodeJS.ProcessEnv): number {
  return portFrom(env, "PLAYGROUND_PORT", PLAYGROUND_PORT);
}

function portFrom(env: NodeJS.ProcessEnv, name: string, byDefault: number): number {
  const port = Number(env[name] || byDefault);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new UsageError(`${name} must be a number from 1 to 65535.`);
  return port;
}
