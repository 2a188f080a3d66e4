import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { explain } from "../explain/explain.ts";
import { explanationText, masked } from "../explain/explanation-text.ts";
import { PeerText } from "../peer-text.ts";
import type { Paint } from "../terminal.ts";
import { askedUrl, passOn } from "./pass-on.ts";
import { MOST_SAVED, SavedRequests } from "./saved-requests.ts";

export interface ListenOptions {
  readonly port: number;
  /** The webhook to which requests are passed on. */
  readonly to?: URL | undefined;
  readonly secret: string;
  readonly previous?: string | undefined;
  readonly paint: Paint;
  print(text: string): void;
}

const MOST_BODY_BYTES = 8_388_608;
const ONLY_LISTENS =
  "npx replyhook explain --listen has this message. It only listens: with --to URL, it passes messages on to a webhook.";

/**
 * Listens on this computer's loopback addresses. Explains the signature of each message that arrives, saves it, and passes it on.
 * Resolves once it listens.
 */
export async function listen(options: ListenOptions): Promise<void> {
  const { port, to, secret, previous, print } = options;
  const peer = new PeerText({ secret, previous });
  const running: Running = { ...options, peer, saved: new SavedRequests(peer), inTurn: oneAtATime() };
  let count = 0;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const number = ++count;
    explainAndPassOn(request, response, number, running).catch((error: Error) => {
      print(`#${number} ${peer.line(error.message)}\n`);
      fail(response, 500, "This request could not be looked at.");
    });
  };
  await listenOn("127.0.0.1", port, handle);
  // There may be no IPv6.
  await listenOn("::1", port, handle).catch(() => {});
  const [url, stream] = ["", "stream"].map((path) => `http://localhost:${port}/${path}`);
  print(
    `Listening for messages. In the dashboard, paste as Webhook URL: ${to && to.pathname !== "/" ? url : `${url} or ${stream}`}\n`,
  );
  print(
    to
      ? `Each request is passed on to ${peer.url(to)}\n`
      : "Each message is answered here. To pass it on to a webhook: --to URL\n",
  );
  print(`The last ${MOST_SAVED} messages are saved. Ctrl-C ends it.\n`);
}

async function listenOn(
  host: string,
  port: number,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(handle).listen({ port, host, ipv6Only: host === "::1" });
  await once(server, "listening");
  return server;
}

/** What every request needs. */
interface Running extends ListenOptions {
  readonly peer: PeerText;
  readonly saved: SavedRequests;
  readonly inTurn: InTurn;
}

type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

/** Many explanations at once would hold up the answers that are passed on, and be printed in any order. */
function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
}

async function explainAndPassOn(
  request: IncomingMessage,
  response: ServerResponse,
  number: number,
  running: Running,
): Promise<void> {
  const { to, print, peer, inTurn } = running;
  const arrivedAt = new Date();
  const body = await bodyOf(request);
  const what = `${request.method} ${peer.line(request.url ?? "")}`;
  const title = `#${number} ${arrivedAt.toISOString()} ${what}`;
  if (body === "hung up") return print(`${title}: the caller hung up inside its body\n`);
  if (body === "too large") {
    print(`${title}: refused, because its body has more than ${MOST_BODY_BYTES} bytes\n`);
    return fail(response, 413, `A body may have at most ${MOST_BODY_BYTES} bytes here.`);
  }
  const explain = async () => {
    const explanation = request.method === "POST" ? await explained(request, body, number, arrivedAt, running) : "";
    print(`${title}, ${body.length} bytes\n${indented(explanation)}`);
  };
  const answer = to ? answerOf(to, request, body, response, running) : answerHere(response);
  const [outcome] = await Promise.all([answer, inTurn(explain)]);
  if (outcome) print(`#${number} ${outcome}\n`);
}

/** Passes a request and its answer on, or answers 502. Resolves with the outcome in words. */
async function answerOf(
  to: URL,
  request: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
  { peer, paint }: Running,
): Promise<string> {
  const { status, type, headMs = 0, ms, failure } = await passOn(request, body, to, response, peer.quote);
  const where = `from ${peer.url(askedUrl(request, to))}`;
  const why = failure === undefined ? "" : `: ${peer.line(failure)}`;
  if (status === undefined) {
    fail(response, 502, `There is no answer ${where}${why}.`);
    return `${paint("red", "no answer")} ${where}${why}`;
  }
  const times = `head after ${Math.round(headMs)} ms, all after ${Math.round(ms)} ms`;
  const shown = paint(status === 200 && !failure ? "green" : "red", String(status));
  return `${shown} ${peer.quote(type ?? "no Content-Type")} ${where} (${times})${why}`;
}

/** The body. A string says why there is none. */
function bodyOf(request: IncomingMessage): Promise<Buffer | "too large" | "hung up"> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    let length = 0;
    request.on("data", (piece: Buffer) => {
      length += piece.length;
      if (length <= MOST_BODY_BYTES) pieces.push(piece);
      else resolve("too large");
    });
    request.once("end", () => resolve(Buffer.concat(pieces)));
    request.once("close", () => resolve("hung up"));
    request.on("error", () => resolve("hung up"));
  });
}

async function explained(
  request: IncomingMessage,
  body: Buffer,
  number: number,
  arrivedAt: Date,
  { secret, previous, peer, paint, saved }: Running,
): Promise<string> {
  const header = (name: string) => request.headersDistinct[name]?.join(", ");
  const receivedAt = Math.floor(arrivedAt.getTime() / 1000);
  const explanation = await explain({
    body,
    timestamp: header("x-timestamp"),
    signature: header("x-signature"),
    secret,
    previous,
    receivedAt,
    isLive: true,
  });
  const files = saved.save(number, request.rawHeaders, body);
  const again =
    typeof files === "string"
      ? `Not saved, because ${files}.`
      : `Again: npx replyhook explain ${[...files, "--at", String(receivedAt)].map(shellWord).join(" ")}`;
  return `${explanationText(masked(explanation, peer), paint)}${again}\n`;
}

function answerHere(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify({ reply: ONLY_LISTENS }));
}

function fail(response: ServerResponse, status: number, detail: string): void {
  if (response.headersSent || response.destroyed) return;
  response
    .writeHead(status, { "content-type": "application/problem+json", connection: "close" })
    .end(JSON.stringify({ detail }));
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

function shellWord(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
