import { randomBytes } from "node:crypto";
import { OTHER_HEADERS } from "../explain/signature-writings.ts";
import { answerHeader, isUnreachable } from "../http/exchange.ts";
import { bodyBytes } from "../sender/body.ts";
import { TIMESTAMP_TOLERANCE_SECONDS } from "../sender/main-app.ts";
import { type Header, type OutgoingRequest, WRONG_SIGNATURE, withHeader } from "../sender/outgoing-request.ts";
import { parseJson } from "../sender/parse-json.ts";
import { bodyText, described, statusOf } from "./expect.ts";
import { type Attempt, MOST_ATTEMPTS, signedSo, signingAttempts } from "./signing-attempts.ts";
import { type Sent, token, type Webhook } from "./webhook.ts";

/** Why nothing can be checked: the exit code, and hints. */
export interface Obstacle {
  readonly exitCode: 3 | 4;
  readonly message: string;
  readonly hints: readonly string[];
}

/** After an attempt that is accepted: with another key, with X-Signature alone, and with each other header alone. */
const MOST_AFTER_ACCEPTED = 2 + OTHER_HEADERS.signature.length;
const TOO_MANY = 429;
/** The path, the method, the rate. */
const OTHER_REASONS = [404, 405, TOO_MANY];
const ALL_REFUSED = "It also refused every other usual way to sign, so most likely it has another secret.";
const SAME_SECRET = "Is the secret the same on both sides, without white space or quotes around it?";
const ACCEPTS_ANY_KEY =
  "It does not compare every signature: in the form named next, it accepts one that was made with any key. Refuse what does not match.";

/** The most requests that {@link preflight} sends: the first message and a GET, and with a secret the ways to sign it. */
export function preflightRequests(signed: boolean): number {
  return signed ? 2 + MOST_ATTEMPTS + MOST_AFTER_ACCEPTED : 2;
}

/** Sends a plain message: is the webhook there, does it accept the signature, is it an echo? */
export async function preflight(webhook: Webhook): Promise<Obstacle | undefined> {
  const text = `hello ${token()}`;
  const sent = await webhook.send(webhook.plainRequest(text), { suspectTls: true });
  if (isUnreachable(sent)) return unreachable(sent);
  // If there is no time for another such wait, the run ends by itself.
  const isSilent = sent.failure?.kind === "timeout" && !sent.answer;
  if (isSilent && webhook.deadline.leftMs > sent.totalMs) return silent(sent);
  const status = statusOf(sent);
  if (status === 401 || status === 403) return refused(sent, webhook);
  if (status >= 400 && !OTHER_REASONS.includes(status) && webhook.secret !== undefined) {
    // A signature in another form may be a 400, or an exception. If it has another reason, the first check reports it.
    const advice = await adviceFor(webhook, webhook.secret);
    if (advice?.length) return signatureRefused(sent, advice);
  }
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

/** Without it, each check would wait as long. */
function silent({ failure, request: { url } }: Sent): Obstacle {
  const hints = [
    "Does it wait for more of the body than Content-Length says, or for a service that does not answer? Its own log may tell.",
    "If it only needs longer, give --timeout in milliseconds. The main app waits 8 s for a byte.",
  ];
  return { exitCode: 4, message: `${url.origin} accepts connections, but does not answer: ${failure?.message}.`, hints };
}

async function refused(sent: Sent, webhook: Webhook): Promise<Obstacle> {
  const { secret } = webhook;
  if (secret === undefined) {
    const give = "Give the webhook's secret: --secret, or WEBHOOK_SECRET in the environment or in .env.";
    const hints = [itSaid(sent), give, ...(await everythingRefused(sent, webhook))];
    return { exitCode: 3, message: "The webhook refused a message without a signature.", hints };
  }
  const skew = Math.round((Date.parse(answerHeader(sent, "date")) - Date.now()) / 1000);
  if (Math.abs(skew) > TIMESTAMP_TOLERANCE_SECONDS) {
    const clock = `The webhook's clock is ${Math.abs(skew)} s ${skew > 0 ? "ahead of" : "behind"} this computer's: set the clock that is wrong.`;
    return signatureRefused(sent, [clock]);
  }
  const advice = await adviceFor(webhook, secret);
  if (advice?.length) return signatureRefused(sent, advice);
  return signatureRefused(
    sent,
    [],
    advice ? SAME_SECRET : `${ALL_REFUSED} ${SAME_SECRET}`,
    ...(await everythingRefused(sent, webhook)),
  );
}

function signatureRefused(sent: Sent, first: readonly string[], ...more: readonly string[]): Obstacle {
  const hints = [...first, itSaid(sent), ...more, "To find out why one request was refused: npx replyhook explain --help"];
  return { exitCode: 3, message: "The webhook refused the first signed message.", hints };
}

function itSaid(sent: Sent): string {
  return `It said: ${statusOf(sent)} ${sent.quote(bodyText(sent))}`;
}

/** Hints if it looks as if something in front of the webhook refuses whatever comes. */
async function everythingRefused(sent: Sent, webhook: Webhook): Promise<string[]> {
  const login = answerHeader(sent, "www-authenticate");
  if (/^(?:basic|digest|negotiate)\b/i.test(login)) {
    const url = `${sent.request.url.protocol}//USER:PASSWORD@${sent.request.url.host}/`;
    return [`It asks for a login (WWW-Authenticate: ${sent.quote(login)}). The main app sends one if the URL has it: ${url}`];
  }
  const headers = sent.request.headers.filter(([name]) => /^(?:host|accept|user-agent)$/i.test(name));
  const status = statusOf(await webhook.send({ url: sent.request.url, method: "GET", headers, body: [] }));
  if (status !== statusOf(sent)) return [];
  return [`It answers ${status} to a plain GET too, so perhaps a login or a firewall in front of it refuses whatever comes.`];
}

/**
 * What to fix in the webhook so that it accepts the main app's signature. Undefined if it accepts no usual way to sign, and empty
 * if that could not be found out.
 */
async function adviceFor(webhook: Webhook, secret: string): Promise<string[] | undefined> {
  const everywhere = { signature: ["X-Signature", ...OTHER_HEADERS.signature], timestamp: OTHER_HEADERS.timestamp };
  for (const attempt of signingAttempts(secret)) {
    const sent = await webhook.send(signedRequest(webhook, attempt, everywhere));
    if (sent.failure || statusOf(sent) === TOO_MANY) return [];
    if (statusOf(sent) !== 200) continue;
    const isAccepted = async (tried: Attempt, names: Names) =>
      statusOf(await webhook.send(signedRequest(webhook, tried, names))) === 200;
    if (await isAccepted({ ...attempt, key: randomBytes(32) }, everywhere)) return [ACCEPTS_ANY_KEY, ...attempt.advice];
    if (await isAccepted(attempt, { signature: ["X-Signature"] })) return [...attempt.advice];
    for (const name of OTHER_HEADERS.signature)
      if (await isAccepted(attempt, { signature: [name] }))
        return [`It reads ${name}. The main app's signature is in X-Signature.`, ...attempt.advice];
    return ["It reads other headers than the main app's X-Timestamp and X-Signature.", ...attempt.advice];
  }
  return undefined;
}

/** The headers that get the signature and its time, besides X-Timestamp. */
interface Names {
  readonly signature: readonly string[];
  readonly timestamp?: readonly string[];
}

/** A plain message with these headers. In X-Signature is a wrong signature, unless it is named. */
function signedRequest(
  webhook: Webhook,
  attempt: Attempt,
  { signature: names, timestamp: times = [] }: Names,
): OutgoingRequest {
  const { signing: _, ...request } = webhook.plainRequest();
  const { timestamp, signature } = signedSo(attempt, bodyBytes(request.body));
  const headers: Header[] = [
    ["X-Signature", WRONG_SIGNATURE],
    ...["X-Timestamp", ...times].map((name): Header => [name, timestamp]),
    ...names.map((name): Header => [name, signature]),
  ];
  return headers.reduce<OutgoingRequest>((made, [name, value]) => withHeader(made, name, value), request);
}
