import { answerHeader } from "../../http/exchange.ts";
import { shownByDashboard } from "../../sender/dashboard-reader.ts";
import { withHeader } from "../../sender/outgoing-request.ts";
import { Broken, Skipped } from "../broken.ts";
import type { Check } from "../check.ts";
import { described, expectAlive, replyOf, statusOf } from "../expect.ts";
import { firstSplit, joinedText } from "../stream-reading.ts";
import { LONG_LINE, LONG_LINES, longRequest, longStream, type Stream, shortStream, TEXT } from "./stream-requests.ts";

/** What arrives within this time arrived at once, in milliseconds. */
const BLOCK_MS = 8;
/** Later than this, in milliseconds, and with all of it at once: then something held the stream back. */
const HELD_BACK_MS = 500;
const MAX_EVENT_BYTES = 2048;

export const streamConduct: readonly Check[] = [
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
      const reply = replyOf(await webhook.send(webhook.rawTextRequest(TEXT)));
      const streamed = joinedText(sent.events);
      const quoted = (text: string) => sent.quote(text) || "(nothing)";
      if (streamed !== reply) throw new Broken(`${quoted(streamed)} where the JSON route says ${quoted(reply)}`, { by: sent });
    },
  },
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
      const reply = replyOf(await webhook.send(longRequest(webhook, webhook.url)));
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
      if (split)
        throw new Broken(`an event ${first.quote(split.type)} that arrived in two pieces`, { by: first, level: "SHOULD" });
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
    name: "streams, instead of sending one block",
    sends: "a plain message to the stream URL; where its answer comes in one block, and from an echo, one of 90 kB",
    expects: "pieces that arrive one after the other",
    fix: "Flush after each event, and turn buffering off in every proxy on the way (X-Accel-Buffering: no).",
    requests: 2,
    needs: ["stream"],
    async run(webhook) {
      const sent = await shortStream(webhook);
      if (answerHeader(sent, "content-length") !== "") {
        throw new Broken("Content-Length on the stream: it was whole before it was sent", { by: sent });
      }
      // A proxy may well join the few events of a short answer; those of a long one it has to hold back.
      if (!inOneBlock(sent) || (webhook.isEcho && !inOneBlock(await longStream(webhook, "first")))) return;
      const when = `${Math.round(sent.firstByteMs ?? 0)} ms`;
      const came = `all ${sent.events.length} events in one block after ${when}: buffered, by the webhook or a proxy`;
      throw new Broken(came, { by: sent });
    },
  },
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
      const request = webhook.rawTextRequest(TEXT, webhook.streamUrl);
      const sent = await webhook.send(withHeader(request, "X-Signature", `sha256=${"0".repeat(64)}`));
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
      const sent = await webhook.send(longRequest(webhook, webhook.streamUrl), { hangUpAfterFirstPiece: true });
      await expectAlive(webhook, sent);
    },
  },
];

/** What a person at the dashboard would miss of `reply`; undefined if nothing. */
function loss(sent: Stream, reply: string): string | undefined {
  const { text, ended } = shownByDashboard(sent.answer.pieces.map(({ bytes }) => bytes));
  if (ended === "done" && text === reply) return undefined;
  if (ended === "never") return `done never arrives; ${text.length} of ${reply.length} characters do`;
  if (ended !== "done") return `the stream ends with ${ended}`;
  return text.length === reply.length
    ? "some characters arrive changed"
    : `${text.length} of ${reply.length} characters arrive`;
}

/** Whether all of a stream came in one read, or long after the request and then nearly at once. */
function inOneBlock({ answer: { pieces }, firstByteMs = 0 }: Stream): boolean {
  const spread = (pieces.at(-1)?.atMs ?? 0) - (pieces[0]?.atMs ?? 0);
  const reads = new Set(pieces.map(({ read }) => read)).size;
  return reads < 2 || spread < BLOCK_MS || (firstByteMs > HELD_BACK_MS && spread < firstByteMs / 10);
}
