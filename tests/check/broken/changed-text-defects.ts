import { type Behaviour, clean, correct } from "./base.ts";
import type { Defect } from "./defect.ts";

type Change = (text: string) => string;

/** Changes every reply. */
const inReplies = (change: Change): Partial<Behaviour> => ({ reply: ({ message }) => `You said: ${change(message.content)}` });

/** Changes the text only where it is streamed. */
const inStreams = (change: Change): Partial<Behaviour> => ({
  stream(answer, reply) {
    return correct.stream.call(this, answer, change(reply));
  },
});

const htmlEscaped: Change = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
const withoutAstral: Change = (text) => text.replace(/[\u{10000}-\u{10ffff}]/gu, "");
const smartQuotes: Change = (text) => text.replace(/"([^"]*)"/g, "“$1”").replaceAll("'", "’");
const formDecoded: Change = (text) => {
  const spaced = text.replaceAll("+", " ");
  return spaced.replace(/%[0-7][0-9a-f]/gi, (code) => decodeURIComponent(code));
};

export const changedTextDefects: readonly Defect[] = [
  { caughtBy: "C13", mistake: "trims the text", changes: inReplies((text) => text.trim()) },
  { caughtBy: "C13", mistake: "trims the end of each line", changes: inReplies((text) => text.replace(/ +$/gm, "")) },
  { caughtBy: "C13", mistake: "normalises the text to NFC", changes: inReplies((text) => text.normalize("NFC")) },
  { caughtBy: "C13", mistake: "normalises the text to NFD", changes: inReplies((text) => text.normalize("NFD")) },
  { caughtBy: "C13", mistake: "normalises the text to NFKC", changes: inReplies((text) => text.normalize("NFKC")) },
  { caughtBy: "C13", mistake: "collapses white space", changes: inReplies((text) => text.replace(/[ \t]+/g, " ")) },
  { caughtBy: "C13", mistake: "replaces tabs by spaces", changes: inReplies((text) => text.replaceAll("\t", "    ")) },
  { caughtBy: "C13", mistake: "escapes the text as HTML", changes: inReplies(htmlEscaped) },
  {
    caughtBy: "C13",
    mistake: "unescapes HTML",
    changes: inReplies((text) => text.replaceAll("&lt;", "<").replaceAll("&#39;", "'").replaceAll("&amp;", "&")),
  },
  { caughtBy: "C13", mistake: "makes the text lower-case", changes: inReplies((text) => text.toLowerCase()) },
  {
    caughtBy: "C13",
    mistake: "cuts the text at the first line end",
    changes: inReplies((text) => text.split(/\r?\n/)[0] ?? ""),
  },
  { caughtBy: "C13", mistake: "makes quotes typographic", changes: inReplies(smartQuotes) },
  { caughtBy: "C13", mistake: "drops characters beyond U+FFFF", changes: inReplies(withoutAstral) },
  {
    caughtBy: "C13",
    mistake: "writes ? for characters beyond U+FFFF",
    changes: inReplies((text) => text.replace(/[\u{10000}-\u{10ffff}]/gu, "?")),
  },
  { caughtBy: "C13", mistake: "makes CRLF a line feed", changes: inReplies((text) => text.replaceAll("\r\n", "\n")) },
  { caughtBy: "C13", mistake: "decodes + and % as in a form", changes: inReplies(formDecoded) },
  {
    caughtBy: "C13",
    mistake: "removes zero-width characters and variation selectors",
    changes: inReplies((text) => text.replace(/\u200b|\u200d|\ufe0f/g, "")),
  },
  {
    caughtBy: "C13",
    mistake: "removes backslashes",
    changes: inReplies((text) => text.replaceAll("\\n", "\n").replaceAll("\\", "")),
  },
  { caughtBy: "C14", mistake: "cuts the text at U+0000", changes: inReplies((text) => text.split("\0")[0] ?? "") },
  { caughtBy: "C17", mistake: "cuts the text at 2000 characters", changes: inReplies((text) => text.slice(0, 2000)) },
  {
    caughtBy: "C17",
    mistake: "answers a long text with nothing but an ellipsis after 65,535 bytes",
    changes: inReplies((text) => (Buffer.byteLength(text) > 65_535 ? `${text.slice(0, 60_000)}…` : text)),
  },
  { caughtBy: "E15", mistake: "trims the streamed text", changes: inStreams((text) => text.trim()) },
  { caughtBy: "E15", mistake: "normalises the streamed text", changes: inStreams((text) => text.normalize("NFKC")) },
  { caughtBy: "E15", mistake: "streams no carriage return", changes: inStreams((text) => text.replaceAll("\r", "")) },
  { caughtBy: "E15", mistake: "streams typographic quotes", changes: inStreams(smartQuotes) },
  {
    caughtBy: "E15",
    mistake: "streams no zero-width characters",
    changes: inStreams((text) => text.replace(/\u200b|\u200d|\ufe0f/g, "")),
  },
  { caughtBy: "E04", mistake: "streams no characters beyond U+FFFF", changes: inStreams(withoutAstral) },
  {
    caughtBy: "E15",
    mistake: "streams one word after the other, with a space after each",
    changes: {
      async stream(answer, reply) {
        answer.writeHead(200, this.streamHeaders);
        const write = (text: string) => new Promise<void>((resolve) => answer.write(text, () => setTimeout(resolve, 1)));
        const words = clean(reply).match(/\S+[^\S ]*/g) ?? [];
        for (let at = 0; at < words.length; at += 10) {
          const text = words.slice(at, at + 10).join(" ") + (at + 10 < words.length ? " " : "");
          await write(this.event("delta", { text }));
        }
        setTimeout(() => answer.end(this.event("done", { status: "completed" })), 20);
      },
    },
  },
];
