import { type Clock, settlesWithin } from "./clock.ts";
import { inWords } from "./log.ts";

/** Whether one more message for this app id is allowed now. */
export type Allow = (appId: string) => Promise<boolean>;

/** How long a rate limiter may take, in milliseconds. */
const ALLOW_TIMEOUT_MS = 1000;

/**
 * Asks a rate limiter, which is an outside service: where it fails or does not answer in time, the message is allowed, for
 * a message that was accepted must be answered. `skipped` gets the reason in words.
 */
export async function isAllowed(allow: Allow, appId: string, clock: Clock, skipped: (why: string) => void): Promise<boolean> {
  try {
    const asked = allow(appId);
    if (await settlesWithin(clock, asked, ALLOW_TIMEOUT_MS)) return await asked;
    skipped(`The rate limiter did not answer within ${ALLOW_TIMEOUT_MS} ms, so the message was allowed.`);
  } catch (error) {
    skipped(`The rate limiter failed, so the message was allowed: ${inWords(error)}`);
  }
  return true;
}
