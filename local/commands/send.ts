import type { Command } from "commander";
import { bodyText, described } from "../check/expect.ts";
import { eventsOf } from "../check/stream-reading.ts";
import { EXIT } from "../exit-codes.ts";
import { exchangeOnce } from "../http/connection.ts";
import { answerHeader, type Exchange, failureText, isUnreachable } from "../http/exchange.ts";
import { LIMITS } from "../http/limits.ts";
import { PeerText } from "../peer-text.ts";
import { bodyBytes } from "../sender/body.ts";
import { mainAppRequest, type OutgoingRequest, signedNow, variablesOf, wireBytes } from "../sender/outgoing-request.ts";
import { parseJson } from "../sender/parse-json.ts";
import { mainAppPayload } from "../sender/payload.ts";
import { shellSnippet } from "../sender/snippet.ts";
import { type Paint, paintFor } from "../terminal.ts";
import { headerValue, milliseconds, secretOption, secretsOfApps, signingSecret, webhookUrl } from "./arguments.ts";
import { readHistory } from "./history.ts";
import { StreamPrinter } from "./stream-printer.ts";

const EXAMPLES = `
Examples:
  npx replyhook send http://localhost:8081/ "hello"
  npx replyhook send http://localhost:8081/stream "café 😀" --stream
  npx replyhook send http://localhost:8081/ "and now?" --thread 3f1c… --customer customer-7 --history earlier.json
  npx replyhook send http://localhost:8081/ "hello" --app f62591a3-8934-47cc-bd16-e1e800212586
  npx replyhook send http://localhost:8081/ "hello" --copy
  npx replyhook send http://localhost:8081/ "hello" --show

The secret is that of --secret; with --app, that App's own in WEBHOOK_SECRETS; or else WEBHOOK_SECRET. WEBHOOK_SECRETS and
WEBHOOK_SECRET may stand in the environment or in .env of this folder.
--history is a file with a JSON list of {"role", "content"}, oldest first. The text is added as its last entry.
--copy sends the same signed bytes again, as an attacker could. A webhook runs its reply once and gives both the same answer.
Exit codes: 0 answered with 200, 1 answered with anything else, 2 usage, 3 the signature was refused, 4 unreachable.
With --copy, the first answer counts.
`;

const DEFAULT_TIMEOUT_MS = 10_000;
const LONGEST_ANSWERS = 6;

interface Options {
  app?: string;
  thread?: string;
  customer?: string;
  history?: string;
  stream?: boolean;
  copy?: boolean;
  show?: boolean;
  timeout: number;
}

export function addSend(program: Command): void {
  program
    .command("send")
    .summary("send one message as the main app sends it")
    .description("Sends one message in the main app's exact bytes. Shows the answer, its status and its time.")
    .argument("<url>", "where to", webhookUrl)
    .argument("<text>", "the user's message")
    .addOption(secretOption())
    .option("--app <id>", "the App's id, in the payload and in X-App-Id", headerValue)
    .option(
      "--thread <id>",
      "the thread's id, in the payload and in X-Thread-Id: the same one goes on with a conversation",
      headerValue,
    )
    .option("--customer <id>", "the customer's id")
    .option("--history <file>", "the earlier messages, as JSON")
    .option("--stream", "print the answer as it arrives, with the time of each piece")
    .option("--copy", "send the same signed bytes a second time, and show both answers")
    .option("--show", "print the request too: headers, body, signed bytes, and commands that send it again")
    .option("--timeout <ms>", "longest silence to wait through", milliseconds, DEFAULT_TIMEOUT_MS)
    .addHelpText("after", EXAMPLES)
    .action(async (url: URL, text: string, options: Options, command: Command) => {
      process.exitCode = await send(url, text, options, command);
    });
}

async function send(url: URL, text: string, options: Options, command: Command): Promise<number> {
  const payload = mainAppPayload({
    content: text,
    ...(options.app !== undefined && { appId: options.app }),
    ...(options.thread !== undefined && { threadId: options.thread }),
    ...(options.customer !== undefined && { customerId: options.customer }),
    ...(options.history !== undefined && { earlier: readHistory(options.history) }),
  });
  const ids = { appId: payload.app.id, threadId: payload.thread.id };
  const secret = signingSecret(command, ids.appId);
  const hint = secretsOfApps(command).size > 0 ? ` Or name an App of WEBHOOK_SECRETS: --app ID.` : "";
  const template = mainAppRequest({ url, body: [JSON.stringify(payload)], signed: secret !== undefined, ...ids });
  // Signed once, so that the request shown is the request sent, and the copy has its bytes.
  const request = signedNow(template, secret);
  const peer = new PeerText({ secret, urls: [url] });
  if (options.show) process.stdout.write(peer.maskOwn(shown(template, request, secret)));
  if (secret === undefined)
    process.stderr.write(`Not signed: there is no --secret, and no WEBHOOK_SECRET in the environment or in .env.${hint}\n`);

  const bytes = wireBytes(request, secret);
  const first = await sendBytes(url, bytes, peer, options);
  if (isUnreachable(first)) return EXIT.unreachable;
  if (options.copy) {
    process.stdout.write("The same bytes again:\n");
    const copy = await sendBytes(url, bytes, peer, options);
    process.stdout.write(`${compared(first, copy)}\n`);
  }
  if (first.answer?.status === 401 || first.answer?.status === 403) {
    const why = secret === undefined ? "Give the webhook's secret, so that the message is signed" : "To find out why";
    const how =
      secret === undefined ? "--secret, or WEBHOOK_SECRET in the environment or in .env." : "npx replyhook explain --help";
    process.stderr.write(`${why}: ${how}\n`);
    return EXIT.signatureRefused;
  }
  return first.answer?.status === 200 && !first.failure ? EXIT.passed : EXIT.failed;
}

/** Sends the bytes of a request, and shows the answer. */
async function sendBytes(url: URL, bytes: Buffer, peer: PeerText, { stream, timeout }: Options): Promise<Exchange> {
  const paint = paintFor(process.stdout);
  const printer = stream && new StreamPrinter(peer, paint, (lines) => process.stdout.write(lines));
  const exchange = await exchangeOnce(url, bytes, "POST", {
    idleMs: timeout,
    totalMs: LONGEST_ANSWERS * timeout,
    limits: LIMITS,
    suspectTls: true,
    ...(printer && { onPiece: (piece, atMs) => printer.add(piece, atMs) }),
  });
  if (printer) printer.end();
  if (exchange.failure && isUnreachable(exchange)) {
    process.stderr.write(`${peer.url(url)} cannot be reached: ${peer.line(failureText(exchange.failure, peer.quote))}.\n`);
    return exchange;
  }
  process.stdout.write(`${statusLine(exchange, peer, paint)}\n`);
  if (exchange.failure) process.stdout.write(`${peer.line(failureText(exchange.failure, peer.quote))}\n`);
  else if (!printer) process.stdout.write(`${answerText(exchange, peer)}\n`);
  return exchange;
}

function compared(first: Exchange, copy: Exchange): string {
  if (first.failure || copy.failure) return "There are no two whole answers to compare.";
  const isSame = first.answer?.status === copy.answer?.status && bodyText(first) === bodyText(copy);
  return isSame ? "Both answers are the same." : "The two answers differ: the reply may have run twice.";
}

/** The request, its signed bytes, and commands that sign and send it again. */
function shown(template: OutgoingRequest, request: OutgoingRequest, secret: string | undefined): string {
  const { TIME } = variablesOf(template, secret);
  const { signing } = template;
  const signed = signing && `Signed: ${TIME}.${bodyBytes(signing.over)}`;
  const parts = [
    wireBytes(request, secret).toString(),
    signed ?? "Not signed (no --secret).",
    `Again:\n${shellSnippet(template)}`,
  ];
  return `${parts.join("\n\n")}\n\n`;
}

function statusLine(exchange: Exchange, peer: PeerText, paint: Paint): string {
  const { answer, failure, totalMs, firstByteMs } = exchange;
  const times = `first byte after ${Math.round(firstByteMs ?? 0)} ms, all after ${Math.round(totalMs)} ms`;
  const status = paint(answer?.status === 200 && !failure ? "green" : "red", String(answer?.status ?? "no answer"));
  return `${status} ${peer.quote(answerHeader(exchange, "content-type"))} ${paint("dim", `(${times})`)}`;
}

/** The reply. If there is none, the start of the answer. */
function answerText(exchange: Exchange, peer: PeerText): string {
  const text = bodyText(exchange);
  if (eventsOf(exchange.answer?.body ?? Buffer.alloc(0), 1).length > 0)
    return `${peer.block(text.trimEnd())}\n(this is a stream: --stream shows it as it arrives)`;
  try {
    const { reply } = parseJson(text) as { reply?: unknown };
    if (typeof reply === "string") return peer.block(reply);
  } catch {
    // Not JSON: shown as it is.
  }
  return described({ ...exchange, quote: peer.quote });
}
