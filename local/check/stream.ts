import { answerHeader } from "../http/exchange.ts";
import { withRepeated } from "../sender/body.ts";
import { withHeader } from "../sender/message.ts";
import { mainAppPayload } from "../sender/payload.ts";
import { Broken, Skipped } from "./broken.ts";
import type { Check } from "./check.ts";
import { MAIN_APP_PATIENCE_MS } from "./contract.ts";
import { shownByDashboard } from "./dashboard-reader.ts";
import { alive, described, excerpt, replyOf, statusOf } from "./expect.ts";
import { dataObject, eventsOf, firstSplit, joinedText, readAt, type StreamEvent } from "./stream-reading.ts";
import { overRaw, type Sent, type Webhook } from "./webhook.ts";

const TEXT = 'Streamed: café 日本 😀 "quoted" \\ <b>\nsecond line\n\nfourth line';
const LONG_LINE = "0123456789 äöü 日本 😀 abcdefghijklmnopqrstuvwxyz\\n";
const LONG_LINES = 1600;
const MAX_EVENT_BYTES = 2048;
/** Later than this, in milliseconds, and with all of it at once: then something held the stream back. */
const HELD_BACK_MS = 500;

interface Stream extends Sent {
  readonly answer: NonNullable<Sent["answer"]>;
  readonly events: readonly StreamEvent[];
}

/** The stream that answers one plain message: sent once, looked at by many checks. */
async function shortStream(webhook: Webhook): Promise<Stream> {
  return streamOf(await webhook.once("short stream", () => webhook.send(webhook.saysRaw(TEXT, webhook.streamUrl))));
}

function streamOf(sent: Sent): Stream {
  const { answer } = sent;
  if (answer?.status !== 200 || !answerHeader(sent, "content-type").startsWith("text/event-stream")) {
    throw new Broken(described(sent), { by: sent, fix: E01_FIX });
  }
  return { ...sent, answer, events: eventsOf(answer.body) };
}

/** A message whose echo is more than the main app reads at once. */
function longMessage(webhook: Webhook, url: URL) {
  const payload = mainAppPayload({ content: "@long@", historyTail: [] });
  const body = withRepeated(JSON.stringify(payload), "@long@", LONG_LINE, LONG_LINES);
  return overRaw(webhook.bodyMessage(body, { appId: payload.app.id, threadId: payload.thread.id }, url));
}

const E01_FIX =
  "Answer the stream URL with 200 and Content-Type: text/event-stream, in lower case: the main app takes nothing else.";
const SENDS = "a plain message to the stream URL";

interface StreamCheck extends Pick<Check, "id" | "level" | "name" | "expects" | "fix"> {
  readonly look: (stream: Stream) => void;
}

/** A check that looks at the answer to the one plain message. */
function looks({ look, ...check }: StreamCheck): Check {
  return {
    ...check,
    sends: SENDS,
    requests: 1,
    needs: ["stream"],
    async run(webhook) {
      look(await shortStream(webhook));
    },
  };
}

export const stream: readonly Check[] = [
  looks({
    id: "E01",
    level: "MUST",
    name: "answers with an event stream",
    expects: "200 and Content-Type: text/event-stream",
    fix: E01_FIX,
    look: () => {},
  }),
  looks({
    id: "E02",
    level: "MUST",
    name: "is never silent for 8 s",
    expects: "a first byte, and then the next, within 8 s",
    fix: "Write a comment (a line that starts with a colon, and an empty line) at once and every 5 s while there is no text.",
    look: (sent) => {
      const silence = Math.round(sent.longestSilenceMs);
      if (silence >= MAIN_APP_PATIENCE_MS) throw new Broken(`${silence} ms without a byte`, { by: sent });
    },
  }),
  looks({
    id: "E03",
    level: "MUST",
    name: "ends with done",
    expects: "a done event with JSON data as the last event, and then the end",
    fix: 'End every stream with event: done and data: {"status":"completed"}: without data it is ignored, and the chat waits for ever.',
    look: (sent) => {
      const last = sent.events.at(-1);
      if (sent.failure) throw new Broken(`${sent.events.length} events, then ${sent.failure.message}`, { by: sent });
      if (last?.type !== "done") throw new Broken(`the last event is ${last?.type ?? "missing"}`, { by: sent });
      if (!dataObject(last)) throw new Broken(`done with the data ${excerpt(last.data)}`, { by: sent });
    },
  }),
  {
    id: "E04",
    level: "MUST",
    name: "streams the same text that the JSON route answers",
    sends: "the same text to both URLs",
    expects: "the text of all delta events together equal to reply",
    fix: "Build both answers from the same reply, and lose no space or line break between the chunks.",
    requests: 2,
    needs: ["stream", "echo"],
    async run(webhook) {
      const sent = await shortStream(webhook);
      const reply = replyOf(await webhook.send(webhook.saysRaw(TEXT)));
      const streamed = joinedText(sent.events);
      if (streamed !== reply)
        throw new Broken(`${excerpt(streamed)} where the JSON route says ${excerpt(reply)}`, { by: sent });
    },
  },
  looks({
    id: "E05",
    level: "MUST",
    name: "writes events that the dashboard can read",
    expects: "\\n as line end, exactly one data line per event, in it a JSON object, in delta with text, a string",
    fix: "Write each event as event: NAME, \\n, data: JSON on one line, \\n\\n; the dashboard knows neither \\r\\n nor a second data line.",
    look: (sent) => {
      if (sent.answer.body.includes(0x0d)) throw new Broken("\\r in the stream", { by: sent });
      for (const event of sent.events) {
        const value = dataObject(event);
        if (event.dataLines !== 1) throw new Broken(`an event ${event.type} with ${event.dataLines} data lines`, { by: sent });
        if (!value) throw new Broken(`an event ${event.type} with the data ${excerpt(event.data)}`, { by: sent });
        if (event.type === "delta" && typeof value.text !== "string") {
          throw new Broken(`a delta without text: ${excerpt(event.data)}`, { by: sent });
        }
      }
    },
  }),
  looks({
    id: "E06",
    level: "MUST",
    name: "cuts no character in two",
    expects: "data in ASCII, or whole UTF-8 characters in every piece that arrives",
    fix: "Write JSON with \\uXXXX escapes, or never end a write inside a character: the main app decodes each piece alone.",
    look: (sent) => {
      const strict = new TextDecoder("utf-8", { fatal: true });
      for (const { bytes } of sent.answer.pieces) {
        try {
          strict.decode(bytes);
        } catch {
          throw new Broken(`a piece that is no UTF-8 by itself: ${excerpt(Buffer.from(bytes).toString("latin1"))}`, {
            by: sent,
          });
        }
      }
    },
  }),
  {
    id: "E07",
    level: "MUST",
    name: "loses nothing of a long answer",
    sends: "a text of 90 kB to the stream URL",
    expects:
      "read as the main app and its dashboard read, every character and done; best no event split over two writes or over 2 KiB",
    fix: "Write each event at once, at most 1 KiB of it, wait until it is written and for one turn of the event loop, then write the next.",
    requests: 3,
    needs: ["stream", "echo"],
    async run(webhook) {
      const reply = replyOf(await webhook.send(longMessage(webhook, webhook.url)));
      const whole = LONG_LINE.replace("\\n", "\n").repeat(LONG_LINES);
      if (!reply.includes(whole)) throw new Skipped("the JSON route does not echo a text of 90 kB in full either");
      const first = await longStream(webhook, "first");
      const lost = loss(first, reply);
      // What is lost depends on when the reader comes by, as it does in the main app.
      if (lost) {
        const again = loss(await longStream(webhook, "second"), reply);
        throw new Broken(again ? lost : `${lost}; not so when asked again`, { by: first, level: again ? "MUST" : "SHOULD" });
      }
      const { events, answer } = first;
      const split = firstSplit(events, answer.pieces);
      if (split) throw new Broken(`an event ${split.type} that arrived in two pieces`, { by: first, level: "SHOULD" });
      const large = events.find(({ start, end }) => end - start > MAX_EVENT_BYTES);
      if (large) throw new Broken(`an event ${large.type} of ${large.end - large.start} bytes`, { by: first, level: "SHOULD" });
    },
  },
  looks({
    id: "E08",
    level: "SHOULD",
    name: "streams, instead of sending one block",
    expects: "pieces that arrive one after the other",
    fix: "Flush after each event, and turn buffering off in every proxy on the way (X-Accel-Buffering: no).",
    look: (sent) => {
      const { pieces } = sent.answer;
      const spread = (pieces.at(-1)?.atMs ?? 0) - (pieces[0]?.atMs ?? 0);
      const heldBack = (sent.firstByteMs ?? 0) > HELD_BACK_MS && spread < (sent.firstByteMs ?? 0) / 10;
      const oneRead = new Set(pieces.map(({ read }) => read)).size < 2;
      const counted = answerHeader(sent, "content-length") !== "";
      if (counted) throw new Broken("Content-Length on the stream: it was whole before it was sent", { by: sent });
      if (oneRead || heldBack) {
        const when = `${Math.round(sent.firstByteMs ?? 0)} ms`;
        throw new Broken(`all ${sent.events.length} events in one block after ${when}: buffered, by the webhook or a proxy`, {
          by: sent,
        });
      }
    },
  }),
  {
    id: "E09",
    level: "MUST",
    name: "refuses in plain words, not in a stream",
    sends: "a wrong signature to the stream URL",
    expects: "401 (or another 4xx) and no event stream",
    fix: "Verify before the stream begins: once the 200 is out, nothing can be refused.",
    requests: 1,
    needs: ["stream", "secret"],
    async run(webhook) {
      const message = webhook.saysRaw(TEXT, webhook.streamUrl);
      const sent = await webhook.send(withHeader(message, "X-Signature", `sha256=${"0".repeat(64)}`));
      const status = statusOf(sent);
      if (status < 400 || status > 499 || answerHeader(sent, "content-type").includes("event-stream")) {
        throw new Broken(described(sent), { by: sent });
      }
    },
  },
  {
    id: "E10",
    level: "MUST",
    name: "survives a caller who hangs up",
    sends: "a long text to the stream URL; the connection is closed at the first byte of the answer",
    expects: "the next message answered as ever",
    fix: "Stop writing when the connection has gone, and treat it as the end of that request only.",
    requests: 2,
    needs: ["stream"],
    async run(webhook) {
      const sent = await webhook.send(longMessage(webhook, webhook.streamUrl), { hangUpAfterFirstPiece: true });
      await alive(webhook, sent);
    },
  },
  looks({
    id: "E11",
    level: "SHOULD",
    name: "tells proxies not to keep the stream",
    expects: "Cache-Control with no-cache and no-transform",
    fix: "Send Cache-Control: no-cache, no-transform with the stream.",
    look: (sent) => {
      const control = answerHeader(sent, "cache-control").toLowerCase();
      if (!control.includes("no-cache") || !control.includes("no-transform")) {
        throw new Broken(control ? `Cache-Control: ${control}` : "no Cache-Control", { by: sent });
      }
    },
  }),
  looks({
    id: "E12",
    level: "SHOULD",
    name: "says where the answer was stored",
    expects: "done with status, message_id and seq",
    fix: "Store the answer through the Partner API before done, and give its id and seq: without them the dashboard forgets the text.",
    look: (sent) => {
      const done = sent.events.findLast(({ type }) => type === "done");
      const value = (done && dataObject(done)) ?? {};
      const missing = ["status", "message_id", "seq"].filter((name) => value[name] === undefined || value[name] === "");
      if (missing.length > 0) throw new Broken(`done without ${missing.join(", ")}`, { by: sent });
    },
  }),
  looks({
    id: "E13",
    level: "SHOULD",
    name: "sends done by itself",
    expects: "done in a later read than the last delta",
    fix: "Wait some 20 ms between the last delta and done: in one read with other events it can be lost, and then the chat hangs.",
    look: (sent) => {
      const done = sent.events.findLastIndex(({ type }) => type === "done");
      const before = sent.events[done - 1];
      if (done < 1 || !before) return;
      const { pieces } = sent.answer;
      if (readAt(pieces, before.end) === readAt(pieces, (sent.events[done] as StreamEvent).start + 1)) {
        throw new Broken(`done in the same read as the ${before.type} before it`, { by: sent });
      }
    },
  }),
  looks({
    id: "E14",
    level: "SHOULD",
    name: "tells people of a failure in words",
    expects: "no error event for a message that was accepted",
    fix: "Say a failure as a delta with a sentence for the user, then done: for an error event the dashboard shows nothing.",
    look: (sent) => {
      const error = sent.events.find(({ type }) => type === "error");
      if (error) throw new Broken(`an error event: ${excerpt(error.data)}`, { by: sent });
    },
  }),
];

async function longStream(webhook: Webhook, key: string): Promise<Stream> {
  return streamOf(await webhook.once(`long stream ${key}`, () => webhook.send(longMessage(webhook, webhook.streamUrl))));
}

/** What a person at the dashboard would miss of `reply`; undefined if nothing. */
function loss(sent: Stream, reply: string): string | undefined {
  const { text, ended } = shownByDashboard(sent.answer.pieces);
  if (ended === "done" && text === reply) return undefined;
  if (ended === "never") return `done never arrives; ${text.length} of ${reply.length} characters do`;
  if (ended !== "done") return `the stream ends with ${ended}`;
  return text.length === reply.length
    ? "some characters arrive changed"
    : `${text.length} of ${reply.length} characters arrive`;
}
