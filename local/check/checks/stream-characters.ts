import { isUtf8 } from "node:buffer";
import { asShown } from "../../sender/dashboard-reader.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { dataObject, joinedText } from "../stream-reading.ts";
import type { Webhook } from "../webhook.ts";
import { EVERY_KIND_IN_WORDS, expectUnchanged, KEEP_TEXT } from "./contract-text.ts";
import { everyKindStream, fullLongStream, longStream, type Stream, shortStream, streamOf } from "./stream-requests.ts";

const SPLIT_TEXT = "Split a text between code points: not between bytes, and not inside a surrogate pair.";

export const streamCharacters: readonly Check[] = [
  {
    id: "E06",
    level: "MUST",
    name: "cuts no character in two",
    sends: "to the stream URL a plain message, and two of 700 emoji; if an echo returns it in full, also a text of 90 kB",
    expects:
      "ASCII, or only whole UTF-8 characters in every piece that arrives; no U+FFFD in the text and no half of an emoji in a delta",
    fix: "Write JSON with \\uXXXX escapes, or never end a write inside a character: the main app decodes each piece alone.",
    requests: 6,
    needs: ["stream"],
    async run(webhook) {
      const short = await shortStream(webhook);
      expectWhole(short);
      expectNoReplacement(short);
      for (const emoji of await emojiStreams(webhook)) expectWholeDeltas(emoji);
      const long = await fullLongStream(webhook);
      if (!long) return;
      expectNoReplacement(long);
      if (!cutPiece(long)) return;
      // The network may have cut a long stream by chance.
      const again = await longStream(webhook, "second");
      if (cutPiece(again)) expectWhole(again);
      else expectWhole(long, { level: "SHOULD" });
    },
  },
  {
    id: "E15",
    level: "SHOULD",
    name: "streams the text unchanged, if it is an echo",
    sends: `${EVERY_KIND_IN_WORDS}, to the stream URL`,
    expects:
      "the same text in all delta events together, each with whole characters; MUST: no mojibake and no U+FFFD or ? for a character",
    fix: KEEP_TEXT,
    requests: 4,
    needs: ["stream", "echo"],
    async run(webhook) {
      const sent = await everyKindStream(webhook);
      expectUnchanged(joinedText(sent.events), sent);
      for (const stream of [await shortStream(webhook), sent, await fullLongStream(webhook)])
        if (stream) expectWholeDeltas(stream);
    },
  },
];

/** A text that is cut at an even number of UTF-16 units, and one that is cut at an odd number, would lose half an emoji. */
async function emojiStreams(webhook: Webhook): Promise<Stream[]> {
  const streams: Stream[] = [];
  for (const start of ["", "a"])
    streams.push(streamOf(await webhook.send(webhook.rawTextRequest(start + "😀".repeat(700), webhook.streamUrl))));
  return streams;
}

function expectWholeDeltas(sent: Stream): void {
  const half = sent.events.find((event) => event.type === "delta" && !asShown(dataObject(event)?.text).isWellFormed());
  if (half) throw new Broken(`half a character in the delta ${sent.quote(half.data)}`, { by: sent, fix: SPLIT_TEXT });
}

function expectWhole(sent: Stream, details: { level?: "SHOULD" } = {}): void {
  const piece = cutPiece(sent);
  if (!piece) return;
  const shown = sent.quote(Buffer.from(piece).toString("latin1"));
  throw new Broken(`a piece that is not UTF-8 by itself: ${shown}`, { by: sent, ...details });
}

/** The first piece that is not UTF-8 by itself. */
function cutPiece({ answer }: Stream): Uint8Array | undefined {
  return answer.pieces.find(({ bytes }) => !isUtf8(bytes))?.bytes;
}

/** No text that is sent contains U+FFFD: it stands for a part of a character. */
function expectNoReplacement(sent: Stream): void {
  const text = joinedText(sent.events);
  const at = text.indexOf("\ufffd");
  if (at === -1) return;
  const around = text.slice(Math.max(0, at - 20), at + 20);
  throw new Broken(`U+FFFD in the text: ${sent.quote(around)}`, { by: sent, fix: SPLIT_TEXT });
}
