import { escaped, spaced } from "../../sender/json-forms.ts";
import { firstCharacters, replacedText } from "../python/decode.ts";
import { compactJson } from "../python/text.ts";
import { dict, type PythonValue } from "../python/value.ts";
import type { App, Thread } from "../store/records.ts";
import type { Call } from "./call.ts";
import { simulated, simulatorReply } from "./simulator.ts";
import { type Send, textStream } from "./text-stream.ts";
import { callFor, type RunContext, readThread, sourceOf, type ThreadRun } from "./thread-run.ts";
import { callError, statusError, typeError } from "./webhook-error.ts";

const SHOWN_BY_STREAM = 200;
/** Characters in a `delta` of the simulator. */
const DELTA_CHARACTERS = 20;

/**
 * `GET …/run/stream`: the bytes of the answer. Of a webhook's stream nothing is stored, whatever it says (observed). If the
 * reader cancels, the connection to the webhook is closed at once. `breakOff` is called where the main app fails: its answer
 * has begun, so it can only break off. Throws an HttpError.
 */
export function streamedRun(
  context: RunContext,
  app: App,
  thread: Thread,
  breakOff: (error: unknown) => void,
): ReadableStream<Uint8Array> {
  const run = readThread(context.store, app, thread);
  return textStream(async (send, signal) => {
    if (simulated(app)) simulate(context, run, send);
    else await forward(context, run, send, signal);
  }, breakOff);
}

async function forward(context: RunContext, run: ThreadRun, send: Send, signal: AbortSignal): Promise<void> {
  send(event("meta", { source: "webhook" }));
  const call = callFor(context, "stream", run);
  const sendOn: Send = (text) => {
    call.result(text);
    send(text);
  };
  try {
    const error = await forwarded(call, sendOn, signal);
    if (error !== undefined) {
      sendOn(event("error", { message: error }));
      sendOn(event("done", { status: "error" }));
    }
    call.end();
  } catch (error) {
    call.end(error);
    throw error;
  }
}

/** Forwards an event stream. Returns the error that follows, if any (observed). */
async function forwarded(call: Call, send: Send, signal: AbortSignal): Promise<string | undefined> {
  const refused = new AbortController();
  let isStream = false;
  let wrongType: string | undefined;
  const exchange = await call.send({
    onHead: ({ status, headers }) => {
      const types = headers.filter(([name]) => name.toLowerCase() === "content-type").map(([, value]) => value);
      const type = types.join(", ");
      isStream = status === 200 && type.includes("text/event-stream");
      if (status !== 200 || isStream) return;
      // It does not wait for a body that it will not forward.
      wrongType = type;
      refused.abort();
    },
    // Each piece is decoded alone: a character that is cut in two becomes U+FFFD twice.
    onPiece: (bytes) => isStream && send(replacedText(bytes)),
    signal: AbortSignal.any([signal, refused.signal]),
  });
  if (signal.aborted) return undefined;
  if (wrongType !== undefined) return typeError(wrongType);
  if (exchange.failure) return callError(exchange.failure, exchange);
  if (isStream || !exchange.answer) return undefined;
  return statusError(exchange.answer.status, firstCharacters(replacedText(exchange.answer.body), SHOWN_BY_STREAM));
}

function simulate({ store }: RunContext, { app, thread, message }: ThreadRun, send: Send): void {
  const reply = simulatorReply(message);
  const source = sourceOf(app);
  send(event("meta", Object.fromEntries(source)));
  const characters = [...reply];
  for (let at = 0; at < characters.length; at += DELTA_CHARACTERS)
    send(event("delta", { text: characters.slice(at, at + DELTA_CHARACTERS).join("") }));
  const { id, seq } = store.addMessage(thread.id, { role: "assistant", content: reply, contentJson: source });
  send(event("done", { status: "completed", message_id: id, seq: BigInt(seq) }));
}

/** One event, with its data as Python's json module writes it by default. */
function event(type: string, data: Record<string, PythonValue>): string {
  return `event: ${type}\ndata: ${spaced(escaped(compactJson(dict(data))))}\n\n`;
}
