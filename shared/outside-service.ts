import { type Clock, settlesWithin } from "./clock.ts";
import { describeError } from "./error-text.ts";

/** What an outside service answered, or why it did not. */
export type Asked<T> = { readonly answer: T } | { readonly failure: string };

/** Asks an outside service, which gets `ms` milliseconds. Never rejects: a service that fails must not lose a message. */
export async function askWithin<T>(clock: Clock, ms: number, ask: () => Promise<T>): Promise<Asked<T>> {
  try {
    const asked = ask();
    if (await settlesWithin(clock, asked, ms)) return { answer: await asked };
    return { failure: `it did not answer within ${ms} ms` };
  } catch (error) {
    return { failure: describeError(error) };
  }
}
