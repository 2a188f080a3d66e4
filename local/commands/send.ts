import { readFileSync } from "node:fs";
import type { Command } from "commander";
import { described } from "../check/expect.ts";
import { eventsOf } from "../check/stream-reading.ts";
import { shownUrl } from "../check/summary.ts";
import { EXIT } from "../exit-codes.ts";
import { answerHeader, type Exchange, exchangeOnce } from "../http/exchange.ts";
import { bodyBytes } from "../sender/body.ts";
import { frozen, type Message, mainAppMessage, variablesOf, wireBytes } from "../sender/message.ts";
import { type HistoryEntry, mainAppPayload } from "../sender/payload.ts";
import { shellSnippet } from "../sender/snippet.ts";
import { paintFor } from "../terminal.ts";
import { given, milliseconds, secretOption, webhookUrl } from "./arguments.ts";

const EXAMPLES = `
Examples:
  npm run send -- http://localhost:8081/ "hello"
  npm run send -- http://localhost:8081/stream "café 😀" --secret "$WEBHOOK_SECRET" --stream
  npm run send -- http://localhost:8081/ "and now?" --history earlier.json --customer customer-7
  npm run send -- http://localhost:8081/ "hello" --secret "$WEBHOOK_SECRET" --show

--history takes a JSON list of {"role", "content"}, oldest first; the text is added as its last entry.
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
    .description("Sends one message in the main app's exact bytes, and shows the answer, its status and how long it took.")
    .argument("<url>", "where to", webhookUrl)
    .argument("<text>", "the user's message")
    .addOption(secretOption())
    .option("--customer <id>", "the customer's id")
    .option("--history <file>", "what was said before, as JSON")
    .option("--stream", "print the answer as it comes, with the time of each piece")
    .option("--show", "print the request too: headers, body, what was signed, and commands that send it again")
    .option("--timeout <ms>", "longest silence to wait through", milliseconds, DEFAULT_TIMEOUT_MS)
    .addHelpText("after", EXAMPLES)
    .action(async (url: URL, text: string, options: Options) => {
      process.exitCode = await send(url, text, options);
    });
}

async function send(url: URL, text: string, options: Options): Promise<number> {
  const secret = given(options.secret);
  const payload = mainAppPayload({
    content: text,
    ...(options.customer !== undefined && { customerId: options.customer }),
    ...(options.history !== undefined && { earlier: readHistory(options.history) }),
  });
  const ids = { appId: payload.app.id, threadId: payload.thread.id };
  const template = mainAppMessage({ url, body: [JSON.stringify(payload)], signed: secret !== undefined, ...ids });
  // The clock is read once, so that what is shown is what is sent.
  const message = frozen(template, secret);
  if (options.show) process.stdout.write(shown(template, message, secret));

  const onPiece = options.stream ? printPiece : undefined;
  const limits = { idleMs: options.timeout, totalMs: LONGEST_ANSWERS * options.timeout, ...(onPiece && { onPiece }) };
  const exchange = await exchangeOnce(url, wireBytes(message, secret), message.method, limits);
  if (exchange.failure?.kind === "unreachable") {
    process.stderr.write(`${shownUrl(url)} cannot be reached: ${exchange.failure.message}.\n`);
    return EXIT.unreachable;
  }
  process.stdout.write(`${result(exchange, options.stream ?? false)}\n`);
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

/** The request, what was signed, and commands that sign it anew. */
function shown(template: Message, message: Message, secret: string | undefined): string {
  const { TIME } = variablesOf(template, secret);
  const { signing } = template;
  const signed = signing && `Signed: ${TIME}.${bodyBytes(signing.over)}`;
  const parts = [
    wireBytes(message, secret).toString(),
    signed ?? "Not signed (no --secret).",
    `Again:\n${shellSnippet(template)}`,
  ];
  return `${parts.join("\n\n")}\n\n`;
}

function printPiece(bytes: Uint8Array, atMs: number): void {
  const paint = paintFor(process.stdout);
  const time = paint("dim", `${(atMs / 1000).toFixed(3).padStart(8)} s`);
  // A carriage return keeps the dashboard silent, so it has to be seen.
  const lines = new TextDecoder().decode(bytes).replaceAll("\r", "\\r").split("\n").filter(Boolean);
  for (const [i, line] of lines.entries()) process.stdout.write(`${i === 0 ? time : " ".repeat(10)}  ${line}\n`);
}

function result(exchange: Exchange, streamed: boolean): string {
  const paint = paintFor(process.stdout);
  const { answer, failure, totalMs, firstByteMs } = exchange;
  const times = `first byte after ${Math.round(firstByteMs ?? 0)} ms, all after ${Math.round(totalMs)} ms`;
  const status = paint(answer?.status === 200 && !failure ? "green" : "red", String(answer?.status ?? "no answer"));
  const start = `${status} ${answerHeader(exchange, "content-type")} ${paint("dim", `(${times})`)}`;
  if (failure) return `${start}\n${failure.message}`;
  if (streamed) return start;
  const text = Buffer.from(answer?.body ?? []).toString();
  if (eventsOf(Buffer.from(text)).length > 0)
    return `${start}\n${text.trimEnd()}\n(this is a stream: --stream shows it as it comes)`;
  try {
    const { reply } = JSON.parse(text);
    if (typeof reply === "string") return `${start}\n${reply}`;
  } catch {
    // Shown as it is.
  }
  return `${start}\n${described(exchange)}`;
}
