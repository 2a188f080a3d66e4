import { answerHeader, isUnreachable } from "../http/exchange.ts";
import { TIMESTAMP_TOLERANCE_SECONDS } from "../sender/main-app.ts";
import { parseJson } from "../sender/parse-json.ts";
import { bodyText, described, statusOf } from "./expect.ts";
import { type CheckedWebhook, type Sent, token, Webhook } from "./webhook.ts";

/** Why nothing can be checked: the exit code, and hints. */
export interface Obstacle {
  readonly exitCode: 3 | 4;
  readonly message: string;
  readonly hints: readonly string[];
}

/** The most requests that {@link preflight} sends. */
export const PREFLIGHT_REQUESTS = 3;

/** Sends a plain message: is the webhook there, does it accept the signature, is it an echo? */
export async function preflight(webhook: Webhook, checked: CheckedWebhook): Promise<Obstacle | undefined> {
  const text = `hello ${token()}`;
  const sent = await webhook.send(webhook.smokeRequest(text), { suspectTls: true });
  if (isUnreachable(sent)) return unreachable(sent);
  const status = statusOf(sent);
  if (status === 401 || status === 403) return signatureRefused(sent, webhook, checked);
  try {
    const { reply } = parseJson(bodyText(sent)) as { reply?: unknown };
    webhook.isEcho = typeof reply === "string" && reply.includes(text);
  } catch {
    // Not JSON: the first check reports it.
  }
  return undefined;
}

function unreachable(sent: Sent): Obstacle {
  const { url } = sent.request;
  const message = `${url.origin} cannot be reached: ${described(sent)}.`;
  if (sent.failure?.kind === "tls") return { exitCode: 4, message, hints: [] };
  const hints = ["Is the webhook running, and is this its port?"];
  if (/^(?:127\.|\[?::1)/.test(url.hostname))
    hints.push(`It may listen on another loopback address. Try http://localhost:${url.port || 80}/`);
  return { exitCode: 4, message, hints };
}

async function signatureRefused(sent: Sent, webhook: Webhook, checked: CheckedWebhook): Promise<Obstacle> {
  const said = `It said: ${statusOf(sent)} ${sent.quote(bodyText(sent))}`;
  if (webhook.secret === undefined) {
    const hints = [said, "Give the webhook's secret: --secret, or WEBHOOK_SECRET in the environment."];
    return { exitCode: 3, message: "The webhook refused a message without a signature.", hints };
  }
  const hints = [said, "Is the secret the same on both sides, without white space or quotes around it?"];
  const skew = (Date.parse(answerHeader(sent, "date")) - Date.now()) / 1000;
  if (Math.abs(skew) > TIMESTAMP_TOLERANCE_SECONDS) {
    hints.unshift(
      `The webhook's clock is ${Math.abs(Math.round(skew))} s ${skew > 0 ? "ahead of" : "behind"} this computer's: set the clock that is wrong.`,
    );
  }
  for (const [what, secret] of otherSecrets(webhook.secret)) {
    const other = new Webhook({ ...checked, secret }, webhook.deadline);
    const accepted = statusOf(await other.send(other.smokeRequest())) === 200;
    webhook.requestsSent++;
    if (accepted) hints.unshift(`It accepts the secret ${what}: fix it where it was pasted.`);
  }
  hints.push("To find out why one request was refused: npm run explain -- --help");
  return { exitCode: 3, message: "The webhook refused the first signed message.", hints };
}

/** The secret without what people paste around it by accident. */
function otherSecrets(secret: string): [what: string, secret: string][] {
  const trimmed = secret.trim();
  const bare = trimmed.replace(/^(["'])(.*)\1$/s, "$2");
  const others: [string, string][] = [];
  if (trimmed !== secret) others.push(["without the white space around it", trimmed]);
  if (bare !== trimmed) others.push(["without the quotes around it", bare]);
  return others.filter(([, other]) => other !== "");
}
