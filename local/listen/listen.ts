import type { ServerResponse } from "node:http";
import type { KnownSecrets } from "../explain/app-keys.ts";
import { explanationText } from "../explain/explanation-text.ts";
import { PeerText } from "../peer-text.ts";
import type { Paint } from "../terminal.ts";
import { explainArrival, type InTurn, oneAtATime, unixSeconds } from "./arrived-signature.ts";
import { type Arrival, listenInFront } from "./front.ts";
import { askedUrl, passOn } from "./pass-on.ts";
import { MOST_SAVED, SavedRequests } from "./saved-requests.ts";

export interface ListenOptions extends KnownSecrets {
  readonly port: number;
  /** The webhook to which requests are passed on. */
  readonly to?: URL | undefined;
  readonly paint: Paint;
  print(text: string): void;
}

const ONLY_LISTENS =
  "npx replyhook explain --listen has this message. It only listens: with --to URL, it passes messages on to a webhook.";

/**
 * Listens on this computer's loopback addresses. Explains the signature of each message that arrives, saves it, and passes it on.
 * Resolves once it listens.
 */
export async function listen(options: ListenOptions): Promise<void> {
  const { port, to, print } = options;
  const peer = new PeerText(options);
  const running: Running = { ...options, peer, saved: new SavedRequests(peer), inTurn: oneAtATime() };
  await listenInFront(port, {
    take: (arrival) => explainAndPassOn(arrival, running),
    notTaken: (arrival, why) => print(`${titleOf(arrival, peer)}: ${peer.line(why)}\n`),
  });
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

/** What every request needs. */
interface Running extends ListenOptions {
  readonly peer: PeerText;
  readonly saved: SavedRequests;
  readonly inTurn: InTurn;
}

function titleOf({ number, at, request }: Omit<Arrival, "body">, peer: PeerText): string {
  return `#${number} ${at.toISOString()} ${request.method} ${peer.line(request.url ?? "")}`;
}

async function explainAndPassOn(arrival: Arrival, running: Running): Promise<void> {
  const { to, print, peer, inTurn } = running;
  const { number, request, body, response } = arrival;
  const printExplanation = async () => {
    const explanation = request.method === "POST" ? await explained(arrival, running) : "";
    print(`${titleOf(arrival, peer)}, ${body.length} bytes\n${indented(explanation)}`);
  };
  const answer = to ? answerOf(to, arrival, running) : answerHere(response);
  const [outcome] = await Promise.all([answer, inTurn(printExplanation)]);
  if (outcome) print(`#${number} ${outcome}\n`);
}

/** Passes a request and its answer on. Resolves with the outcome in words. */
async function answerOf(to: URL, arrival: Arrival, { peer, paint }: Running): Promise<string> {
  const { status, type, headMs = 0, ms, failure } = await passOn(arrival, to, peer);
  const where = `from ${peer.url(askedUrl(arrival.request, to))}`;
  const why = failure === undefined ? "" : `: ${peer.line(failure)}`;
  if (status === undefined) return `${paint("red", "no answer")} ${where}${why}`;
  const times = `head after ${Math.round(headMs)} ms, all after ${Math.round(ms)} ms`;
  const shown = paint(status === 200 && !failure ? "green" : "red", String(status));
  return `${shown} ${peer.quote(type ?? "no Content-Type")} ${where} (${times})${why}`;
}

async function explained(arrival: Arrival, running: Running): Promise<string> {
  const { number, request, body, at } = arrival;
  const explanation = await explainArrival(arrival, running);
  const files = running.saved.save(number, request.rawHeaders, body);
  const again =
    typeof files === "string"
      ? `Not saved, because ${files}.`
      : `Again: npx replyhook explain ${[...files, "--at", String(unixSeconds(at))].map(shellWord).join(" ")}`;
  return `${explanationText(explanation, running.paint)}${again}\n`;
}

function answerHere(response: ServerResponse): void {
  response.writeHead(200, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify({ reply: ONLY_LISTENS }));
}

function indented(text: string): string {
  return text.replace(/^(?=.)/gm, "  ");
}

function shellWord(word: string): string {
  return /^[\w./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
