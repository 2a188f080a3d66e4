import { dataObject, eventsOf, firstSplit, readAt, type StreamEvent } from "../../check/stream-reading.ts";
import { type AnswerHead, headerOf } from "../../http/answer-head.ts";
import type { Exchange, Piece } from "../../http/exchange.ts";
import type { PeerText, Quote } from "../../peer-text.ts";
import { DashboardReader, type ReadOutcome } from "../../sender/dashboard-reader.ts";
import { MAX_READ_BYTES } from "../../sender/main-app.ts";
import { replacedText } from "../python/decode.ts";
import { quoting, textOf } from "./answer-words.ts";
import type { ReadView } from "./protocol.ts";

const LONG_SILENCE_MS = 5000;
const SHOWN_TEXT = 40;

export function isStream({ answer }: Exchange): boolean {
  return answer !== undefined && isStreamHead(answer);
}

export function isStreamHead(head: AnswerHead): boolean {
  return head.status === 200 && (headerOf(head, "content-type") ?? "").includes("text/event-stream");
}

/** Each read, without the secret, and what the main app's browser makes of it. */
export function readViews(pieces: readonly Pick<Piece, "atMs" | "bytes">[], streams: boolean, peer: PeerText): ReadView[] {
  const reader = new DashboardReader();
  return pieces.map(({ atMs, bytes }) => {
    const wasOver = reader.shown.ended !== "never";
    const makes = streams
      ? words(reader.read(replacedText(bytes)), reader, wasOver, bytes, peer)
      : "waits for the whole answer";
    return { atMs: Math.round(atMs * 10) / 10, bytes: masked(bytes, peer).toString("base64"), makes };
  });
}

function masked(bytes: Uint8Array, peer: PeerText): Buffer {
  const text = textOf(bytes);
  const shown = peer.mask(text);
  return Buffer.from(shown === text ? bytes : shown);
}

function words(outcome: ReadOutcome, reader: DashboardReader, wasOver: boolean, bytes: Uint8Array, peer: PeerText): string {
  if (wasOver) return "nothing: it reads no more";
  const { ended } = reader.shown;
  const { added, ignored, forgot, waits } = outcome;
  // Masked before it is cut: half of a secret would not be found.
  const text = peer.mask(added);
  const quoted = text.length > SHOWN_TEXT ? `${text.slice(0, SHOWN_TEXT)}…` : text;
  const parts = [
    ...(added === "" ? [] : [`shows ${JSON.stringify(quoted)}`]),
    ...(ignored.length === 0 ? [] : [`ignores ${quoting(peer)([...new Set(ignored)].join(", "))}`]),
    ...(ended === "done" ? ["ends: done"] : []),
    ...(ended === "error" ? ["ends: error, and the text is gone"] : []),
    ...(ended === "broken event" ? ["ends: data that is not JSON, and the text is gone"] : []),
    ...(forgot ? [bytes.includes(0x0d) ? "loses an event: \\r\\n ends no line" : "loses an event that is split here"] : []),
    ...(waits ? ["remembers the start of a line"] : []),
  ];
  if (parts.length > 0) return parts.join("; ");
  return /^(?::[^\n]*\n|\n)+$/.test(Buffer.from(bytes).toString())
    ? "nothing: a comment, which keeps the call alive"
    : "nothing";
}

/** Findings about a stream: what the chat loses, or is about to lose. */
export function streamWarnings(exchange: Exchange, quote: Quote): string[] {
  if (!isStream(exchange) || !exchange.answer) return [];
  const { body, pieces } = exchange.answer;
  const events = eventsOf(body);
  const split = firstSplit(events, pieces);
  const done = events.find(({ type }) => type === "done");
  return [
    ...(split
      ? [
          split.end - split.start > MAX_READ_BYTES
            ? `An event ${quote(split.type)} is longer than 64 KiB, and the chat loses it: send the text in shorter ones.`
            : `The event ${quote(split.type)} is split over two reads, and the chat loses it: write each event at once.`,
        ]
      : []),
    ...(body.includes(0x0d) ? ["A line ends with \\r\\n. The chat knows only \\n, and shows nothing."] : []),
    ...(body.some((byte) => byte > 0x7e)
      ? ["The stream has characters beyond ASCII. One that is cut by a read is broken: write \\u00e9 in place of é."]
      : []),
    ...(events.some((event) => event.type === "delta" && typeof dataObject(event)?.text !== "string")
      ? ['A delta has no text that is a string. The chat shows what it has: "undefined", "null" or a number.']
      : []),
    ...(exchange.longestSilenceMs > LONG_SILENCE_MS
      ? [
          `It was silent for ${(exchange.longestSilenceMs / 1000).toFixed(1)} s, and after 8 s the main app gives up: send a comment (": ping") every 3 s.`,
        ]
      : []),
    ...(done === undefined
      ? ["There is no done event: the chat waits until somebody presses Stop."]
      : doneWarnings(done, events, pieces)),
  ];
}

function doneWarnings(done: StreamEvent, events: readonly StreamEvent[], pieces: readonly Piece[]): string[] {
  const id = dataObject(done)?.message_id;
  const delta = events.findLast(({ type, start }) => type === "delta" && start < done.start);
  return [
    ...(typeof id === "string" && id ? [] : ["The done event has no message_id: the chat throws the text away."]),
    ...(delta && readAt(pieces, delta.end) === readAt(pieces, done.end)
      ? ["done came in the same read as the text before it: the person hardly sees that text stream."]
      : []),
  ];
}
