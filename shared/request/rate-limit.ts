import { type Clock, settlesWithin } from "../clock.ts";
import { describeError } from "../error-text.ts";
import type { Exchange } from "../exchange.ts";
import { Problem } from "../problem.ts";

/** Whether one more message for this app id is allowed now. */
export type Allow = (appId: string) => Promise<boolean>;

/** How long a rate limiter may take, in milliseconds. */
const ALLOW_TIMEOUT_MS = 1000;
/** The Retry-After of a refused message, in seconds: the period of the limiters that platforms offer. */
const RETRY_AFTER_SECONDS = "60";

/**
 * Asks a rate limiter, which is an outside service. If it fails or does not answer in time, the message is allowed and the
 * log says so: a failing service must not lose a message.
 */
export async function isAllowed(allow: Allow, appId: string, clock: Clock, exchange: Exchange): Promise<boolean> {
  let why = `it did not answer within ${ALLOW_TIMEOUT_MS} ms`;
  try {
    const asked = allow(appId);
    if (await settlesWithin(clock, asked, ALLOW_TIMEOUT_MS)) return await asked;
  } catch (error) {
    why = describeError(error);
  }
  exchange.warn("rate_limit_skipped", `The message was allowed without the rate limiter: ${why}`);
  return true;
}

export function rateLimited(): Problem {
  return new Problem("rate_limited", { headers: { "retry-after": RETRY_AFTER_SECONDS } });
}
