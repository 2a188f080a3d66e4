import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { explain } from "../explain/explain.ts";
import { explanationText } from "../explain/explanation-text.ts";
import { PeerText } from "../peer-text.ts";
import type { Paint } from "../terminal.ts";
import { type PassedOn, passOn } from "./pass-on.ts";
import { SavedRequests } from "./saved-requests.ts";

export interface Listener {
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
export async function listen(options: Listener): Promise<void> {
  const { port, to, secret, previous, print } = options;
  const peer = new PeerText({ secret, previous });
  const saved = new SavedRequests(peer);
  let count = 0;
  const handle = (request: IncomingMessage, response: ServerResponse) => {
    const number = ++count;
    take(request, response, number, { ...options, peer, saved }).catch((error: Error) => {
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
  print(`The last messages are in ${saved.folder}. Ctrl-C ends it.\n`);
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

interface Tools extends Listener {
  readonly peer: PeerText;
  readonly saved: SavedRequests;
}

async function take(request: IncomingMessage, response: ServerResponse, number: number, tools: Tools): Promise<void> {
  const { to, print, peer } = tools;
  const arrivedAt = new Date();
  const body = await bodyOf(request);
  const what = `${request.method} ${peer.line(request.url ?? "")}`;
  const title = `#${number} ${arrivedAt.toISOString()} ${what}`;
  if (body === "hung up") return print(`${title}: the caller hung up inside its body\n`);
  if (body === "too large") {
    print(`${title}: refused, because its body has more than ${MOST_BODY_BYTES} bytes\n`);
    return fail(response, 413, `A body may have at most ${MOST_BODY_BYTES} bytes here.`);
  }
  print(`${title}, ${body.length} bytes\n`);
  // Passed on first, so that its answer does not wait for the explanation.
  const passedOn = to && passOn(request, body, to, response, peer.quote);
  if (request.method === "POST") print(indented(explained(request, body, number, arrivedAt, tools)));
  if (!to || !passedOn) return answerHere(response);
  const ended = await passedOn;
  print(`#${number} ${outcome(ended, to, tools)}\n`);
  if (ended.status === undefined)
    fail(response, 502, `There is no answer from ${peer.url(to)}: ${peer.line(ended.failure ?? "")}.`);
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

function explained(request: IncomingMessage, body: Buffer, number: number, arrivedAt: Date, tools: Tools): string {
  const { secret, previous, peer, paint, saved } = tools;
  const header = (name: string) => request.headersDistinct[name]?.join(", ");
  const receivedAt = Math.floor(arrivedAt.getTime() / 1000);
  const explanation = explain({
    body,
    timestamp: header("x-timestamp"),
    signature: header("x-signature"),
    secret,
    previous,
    receivedAt,
    isLive: true,
  });
  const findings = explanation.findings.map((finding) => ({ ...finding, what: peer.line(finding.what) }));
  const files = saved.save(number, request.rawHeaders, body);
  const again =
    typeof files === "string"
      ? `Not saved, because ${files}.`
      : `Again: npx replyhook explain ${[...files, "--at", String(receivedAt)].map(shellWord).join(" ")}`;
  return `${explanationText({ ...explanation, findings }, paint)}${again}\n`;
}

function outcome({ status, type, headMs = 0, ms, failure }: PassedOn, to: URL, { peer, paint }: Tools): string {
  const where = `from ${peer.url(to)}`;
  if (status === undefined) return `${paint("red", "no answer")} ${where}: ${peer.line(failure ?? "")}`;
  const times = `head after ${Math.round(headMs)} ms, all after ${Math.round(ms)} ms`;
  const shown = paint(status === 200 && !failure ? "green" : "red", String(status));
  return `${shown} ${peer.quote(type ?? "no Content-Type")} ${where} (${times})${failure ? `: ${peer.line(failure)}` : ""}`;
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
