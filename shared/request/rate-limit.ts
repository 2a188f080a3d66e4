import type { Clock } from "../clock.ts";
import type { Exchange } from "../exchange.ts";
import { askWithin } from "../outside-service.ts";
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
  const asked = await askWithin(clock, ALLOW_TIMEOUT_MS, () => allow(appId));
  if ("answer" in asked) return asked.answer;
  exchange.warn("rate_limit_skipped", `The message was allowed without the rate limiter: ${asked.failure}`);
  return true;
}

export function rateLimited(): Problem {
  return new Problem("rate_limited", { headers: { "retry-after": RETRY_AFTER_SECONDS } });
}
