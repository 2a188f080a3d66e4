import { once } from "node:events";
import { get as getHttp, type IncomingMessage } from "node:http";
import { get as getHttps } from "node:https";
import { json } from "node:stream/consumers";
import type { About } from "../../shared/pages/startup-lines.ts";

/** Longer than the 30 s after which `netlify dev` gives up on a function. */
const LIMIT_MS = 35_000;

/** Asks the webhook at `origin` for its mode and its warnings. Throws if it does not answer with them. */
export async function askAbout(origin: string): Promise<About> {
  // The certificate of `wrangler dev --local-protocol https` is its own.
  const get = origin.startsWith("https:") ? getHttps : getHttp;
  const options = { headers: { accept: "application/json" }, rejectUnauthorized: false, signal: AbortSignal.timeout(LIMIT_MS) };
  const [answer] = (await once(get(`${origin}/`, options), "response")) as [IncomingMessage];
  if (answer.statusCode !== 200) {
    answer.resume();
    throw new Error(`it answers GET / with ${answer.statusCode}`);
  }
  return (await json(answer)) as About;
}

/** Whether a line of the log, in either format, is about a request as `askAbout` sends it. */
export function isAboutRequest(line: string): boolean {
  return line.includes("  GET  /  200  ") || line.includes('"method":"GET","route":"/","status":200,');
}
