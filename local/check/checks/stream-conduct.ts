import { answerHeader } from "../../http/exchange.ts";
import { shownByDashboard } from "../../sender/dashboard-reader.ts";
import { MAX_READ_BYTES } from "../../sender/main-app.ts";
import { WRONG_SIGNATURE, withHeader } from "../../sender/outgoing-request.ts";
import { Broken, Skipped } from "../broken.ts";
import type { Check } from "../check.ts";
import { described, expectAlive, replyOf, statusOf } from "../expect.ts";
import { firstSplit, joinedText, readAt } from "../stream-reading.ts";
import { LONG_TEXT, longReply, longRequest, longStream, type Stream, shortStream, TEXT } from "./stream-requests.ts";

/** Pieces within this many milliseconds count as one block. */
const BLOCK_MS = 8;
/** A stream whose first byte is later than this many milliseconds may have been held back. */
const HELD_BACK_MS = 500;
const MAX_EVENT_BYTES = 2048;
/** The core pauses so long after each 32 KiB. */
const PAUSE_MS = 4;

export const streamConduct: readonly Check[] = [
  {
    id: "E04",
    level: "MUST",
    name: "streams the same text as the JSON route",
    sends: "the same text to both URLs",
    expects: "the text of all delta events together is equal to reply",
    fix: "Build both answers from the same reply, and lose no space or line break between the deltas.",
    requests: 2,
    needs: ["stream", "echo"],
    async run(webhook) {
      const sent = await shortStream(webhook);
      const reply = replyOf(await webhook.send(webhook.rawTextRequest(TEXT)));
      const streamed = joinedText(sent.events);
      const quoted = (text: string) => sent.quote(text) || "(nothing)";
      if (streamed !== reply) throw new Broken(`${quoted(streamed)} and the JSON route says ${quoted(reply)}`, { by: sent });
    },
  },
  {
    id: "E07",
    follows: "E05",
    level: "MUST",
    name: "loses nothing of a long answer",
    sends: "a text of 90 kB to the stream URL",
    expects:
      "read as the dashboard reads, every character arrives, and done; SHOULD: at most 64 KiB within 4 ms, and no event in two pieces or over 2 KiB",
    fix: "Write each event in one write of at most 1 KiB. Before the next, wait for the write and one turn of the event loop; after 32 KiB, also 4 ms.",
    requests: 3,
    needs: ["stream", "echo"],
    async run(webhook) {
      const reply = replyOf(await longReply(webhook));
      if (!reply.includes(LONG_TEXT)) throw new Skipped("the JSON route does not return a text of 90 kB in full either");
      const first = await longStream(webhook, "first");
      const lost = loss(first, reply);
      // The loss depends on the time of each read, as in the main app, so a loss is confirmed by a second try.
      if (lost) {
        const again = loss(await longStream(webhook, "second"), reply);
        throw new Broken(again ? lost : `${lost}; not on the second try`, { by: first, level: again ? "MUST" : "SHOULD" });
      }
      const { events, answer } = first;
      if (bytesAtOnce(first) > MAX_READ_BYTES && bytesAtOnce(await longStream(webhook, "second")) > MAX_READ_BYTES)
        throw new Broken(`${bytesAtOnce(first)} bytes within ${PAUSE_MS} ms, twice: a busy main app cuts an event at 64 KiB`, {
          by: first,
          level: "SHOULD",
        });
      const split = firstSplit(events, answer.pieces);
      if (split) throw new Broken(`an event ${first.quote(split.type)} in two pieces`, { by: first, level: "SHOULD" });
      const large = events.find(({ start, end }) => end - start > MAX_EVENT_BYTES);
      if (large)
        throw new Broken(`an event ${first.quote(large.type)} of ${large.end - large.start} bytes`, {
          by: first,
          level: "SHOULD",
        });
    },
  },
  {
    id: "E08",
    level: "SHOULD",
    name: "streams in pieces, not in one block",
    sends: "a plain message to the stream URL; if an echo answers in one block, also a text of 90 kB",
    expects: "pieces that arrive one after the other",
    fix: "Flush after each event, also the compression, and turn off buffering in every proxy (X-Accel-Buffering: no).",
    requests: 2,
    needs: ["stream"],
    async run(webhook) {
      const sent = await shortStream(webhook);
      if (answerHeader(sent, "content-length") !== "") {
        throw new Broken("Content-Length on the stream: it was complete before it was sent", { by: sent });
      }
      // A proxy may join the few events of a short answer by chance, but not those of a long one.
      if (!inOneBlock(sent) || (webhook.isEcho && !inOneBlock(await longStream(webhook, "first")))) return;
      const when = `${Math.round(sent.answer.pieces[0]?.atMs ?? 0)} ms`;
      const came = `all ${sent.events.length} events in one block after ${when}: buffered, by the webhook or a proxy`;
      throw new Broken(came, { by: sent });
    },
  },
  {
    id: "E09",
    level: "MUST",
    name: "refuses with a status, not in a stream",
    sends: "a wrong signature to the stream URL",
    expects: "401 (or another 4xx) and no event stream",
    fix: "Verify before the stream begins: after the 200, nothing can be refused.",
    requests: 1,
    needs: ["stream", "secret"],
    async run(webhook) {
      const request = webhook.rawTextRequest(TEXT, webhook.streamUrl);
      const sent = await webhook.send(withHeader(request, "X-Signature", WRONG_SIGNATURE));
      const status = statusOf(sent);
      if (status < 400 || status > 499 || answerHeader(sent, "content-type").includes("event-stream")) {
        throw new Broken(described(sent), { by: sent });
      }
    },
  },
  {
    id: "E10",
    follows: "C01",
    level: "MUST",
    name: "survives a caller who hangs up",
    risk: "end it by hanging up",
    sends: "a long text to the stream URL; the connection is closed at the first byte of the answer",
    expects: "a normal answer to the next message",
    fix: "Stop writing when the connection is closed, and end only that request.",
    requests: 2,
    needs: ["stream"],
    async run(webhook) {
      const sent = await webhook.send(longRequest(webhook, webhook.streamUrl), { hangUpAfterFirstPiece: true });
      await expectAlive(webhook, sent);
    },
  },
];

/** The part of `reply` that the dashboard loses, in words; undefined if nothing is lost. */
function loss(sent: Stream, reply: string): string | undefined {
  const { text, ended } = shownByDashboard(sent.answer.pieces.map(({ bytes }) => bytes));
  if (ended === "done" && text === reply) return undefined;
  if (ended === "never") return `done never arrives; ${text.length} of ${reply.length} characters do`;
  if (ended !== "done") return `the stream ends with ${ended}`;
  return text.length === reply.length
    ? "some characters arrive changed"
    : `${text.length} of ${reply.length} characters arrive`;
}

/** The most bytes that arrive within {@link PAUSE_MS}. */
function bytesAtOnce({ answer: { pieces } }: Stream): number {
  let most = 0;
  let bytes = 0;
  let first = 0;
  for (const piece of pieces) {
    bytes += piece.bytes.length;
    for (; piece.atMs - (pieces[first]?.atMs ?? 0) >= PAUSE_MS; first++) bytes -= pieces[first]?.bytes.length ?? 0;
    most = Math.max(most, bytes);
  }
  return most;
}

/** Whether the whole stream arrived in one read, or late and nearly at once. */
function inOneBlock({ answer: { pieces }, events, firstByteMs = 0 }: Stream): boolean {
  const spread = (pieces.at(-1)?.atMs ?? 0) - (pieces[0]?.atMs ?? 0);
  const reads = new Set(pieces.map(({ read }) => read)).size;
  // A reply in one piece may be ready at once. Then only done must come later.
  const [first, last] = events;
  if (first && last && events.length === 2) return readAt(pieces, first.end) === readAt(pieces, last.start + 1);
  return reads < 2 || spread < BLOCK_MS || (firstByteMs > HELD_BACK_MS && spread < firstByteMs / 10);
}
