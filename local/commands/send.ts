import { readFileSync } from "node:fs";
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
import { type HistoryEntry, mainAppPayload } from "../sender/payload.ts";
import { shellSnippet } from "../sender/snippet.ts";
import { type Paint, paintFor } from "../terminal.ts";
import { milliseconds, nonEmpty, secretOption, webhookUrl } from "./arguments.ts";
import { StreamPrinter } from "./stream-printer.ts";

const EXAMPLES = `
Examples:
  npm run send -- http://localhost:8081/ "hello"
  npm run send -- http://localhost:8081/stream "café 😀" --secret "$WEBHOOK_SECRET" --stream
  npm run send -- http://localhost:8081/ "and now?" --history earlier.json --customer customer-7
  npm run send -- http://localhost:8081/ "hello" --secret "$WEBHOOK_SECRET" --show

--history is a file with a JSON list of {"role", "content"}, oldest first. The text is added as its last entry.
Exit codes: 0 answered with 200, 1 answered with anything else, 2 usage, 3 the signature was refused, 4 unreachable.
`;

const DEFAULT_TIMEOUT_MS = 10_000;
const LONGEST_ANSWERS = 6;

interface Options {
  secret?: string;
  customer?: string;
  history?: string;
  stream?: boolean;
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
    .option("--customer <id>", "the customer's id")
    .option("--history <file>", "the earlier messages, as JSON")
    .option("--stream", "print the answer as it arrives, with the time of each piece")
    .option("--show", "print the request too: headers, body, signed bytes, and commands that send it again")
    .option("--timeout <ms>", "longest silence to wait through", milliseconds, DEFAULT_TIMEOUT_MS)
    .addHelpText("after", EXAMPLES)
    .action(async (url: URL, text: string, options: Options) => {
      process.exitCode = await send(url, text, options);
    });
}

async function send(url: URL, text: string, options: Options): Promise<number> {
  const secret = nonEmpty(options.secret);
  const payload = mainAppPayload({
    content: text,
    ...(options.customer !== undefined && { customerId: options.customer }),
    ...(options.history !== undefined && { earlier: readHistory(options.history) }),
  });
  const ids = { appId: payload.app.id, threadId: payload.thread.id };
  const template = mainAppRequest({ url, body: [JSON.stringify(payload)], signed: secret !== undefined, ...ids });
  // Signed once, so that the request shown is the request sent.
  const request = signedNow(template, secret);
  const peer = new PeerText({ secret, urls: [url] });
  if (options.show) process.stdout.write(peer.maskOwn(shown(template, request, secret)));

  const paint = paintFor(process.stdout);
  const printer = options.stream && new StreamPrinter(peer, paint, (lines) => process.stdout.write(lines));
  const exchange = await exchangeOnce(url, wireBytes(request, secret), request.method, {
    idleMs: options.timeout,
    totalMs: LONGEST_ANSWERS * options.timeout,
    limits: LIMITS,
    suspectTls: true,
    ...(printer && { onPiece: (bytes, atMs) => printer.add(bytes, atMs) }),
  });
  if (printer) printer.end();
  if (exchange.failure && isUnreachable(exchange)) {
    process.stderr.write(`${peer.url(url)} cannot be reached: ${peer.line(failureText(exchange.failure, peer.quote))}.\n`);
    return EXIT.unreachable;
  }
  process.stdout.write(`${statusLine(exchange, peer, paint)}\n`);
  if (exchange.failure) process.stdout.write(`${peer.line(failureText(exchange.failure, peer.quote))}\n`);
  else if (!printer) process.stdout.write(`${answerText(exchange, peer)}\n`);
  if (exchange.answer?.status === 401 || exchange.answer?.status === 403) return EXIT.signatureRefused;
  return exchange.answer?.status === 200 && !exchange.failure ? EXIT.passed : EXIT.failed;
}

function readHistory(file: string): HistoryEntry[] {
  const list: unknown = JSON.parse(readFileSync(file, "utf8"));
  const isEntry = (entry: HistoryEntry | null) => typeof entry?.role === "string" && typeof entry.content === "string";
  if (!Array.isArray(list) || !list.every(isEntry))
    throw new Error(`${file} must hold a JSON list of {"role": "…", "content": "…"}.`);
  return list.map(({ role, content, content_json = {} }) => ({ role, content, content_json }));
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
