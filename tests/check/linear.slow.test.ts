import { describe, expect, test } from "vitest";
import { eventsOf, firstSplit, joinedText } from "../../local/check/stream-reading.ts";
import { ResponseParser } from "../../local/http/response-parser.ts";
import { PeerText } from "../../local/peer-text.ts";
import { shownByDashboard } from "../../local/sender/dashboard-reader.ts";
import {
  compact,
  escaped,
  indented,
  slashesEscaped,
  slashesPlain,
  unescaped,
  upperCaseEscapes,
} from "../../local/sender/json-forms.ts";

const MB = 1_000_000;
/** Ten times the text may take ten times the time. With a square it would be a hundred times; between is room for the garbage collector. */
const MAX_TIMES = 30;
/** A shorter time says nothing. */
const SHORT_MS = 50;
const MAX_MS = 10_000;

/** Texts that can make a reader read the same bytes again and again. */
const PATTERNS = ["x", '\\"', "\r\n", "data: x\n", "\x1b", "é", "[", "{}", "\\u00e9/"];

const peer = new PeerText({ secret: "xx-of-this-test" });
const pieces = (bytes: Buffer, size: number) =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => {
    return { atMs: i, read: i, bytes: bytes.subarray(i * size, (i + 1) * size) };
  });
function parsed(start: string, bytes: Buffer, size: number): void {
  const parser = new ResponseParser("POST");
  for (const read of [Buffer.from(start), ...pieces(bytes, size).map((piece) => piece.bytes)])
    for (const _ of parser.push(read));
}

const readers: Record<string, (text: string, bytes: Buffer) => unknown> = {
  "the events of a stream": (_, bytes) => {
    const events = eventsOf(bytes);
    return [joinedText(events), firstSplit(events, pieces(bytes, 1000))];
  },
  "many pieces, read as the dashboard reads": (_, bytes) => shownByDashboard(pieces(bytes, 1000).map((piece) => piece.bytes)),
  "a body in small reads": (_, bytes) => parsed("HTTP/1.1 200 OK\r\n\r\n", bytes, 100),
  "a quote of an answer": (text) => peer.quote(text),
  "a reply on a terminal": (text) => peer.block(text),
  "the escaped form": (text) => escaped(text),
  "the compact form": (text) => compact(text),
  "the unescaped form": (text) => unescaped(text),
  "the indented form": (text) => indented(text, "    "),
  "the form with escaped slashes": (text) => slashesEscaped(text),
  "the form with plain slashes": (text) => slashesPlain(text),
  "the form with upper-case escapes": (text) => upperCaseEscapes(text),
};

describe("ten times the text takes ten times the time", () => {
  test.each(Object.keys(readers))("%s", { timeout: 120_000 }, (name) => {
    const excess = (pattern: string) => {
      const most = Math.min(MAX_MS, MAX_TIMES * Math.max(SHORT_MS, timeOf(name, pattern, MB)));
      return timeOf(name, pattern, 10 * MB) - most;
    };
    // Measured again where it is near: the garbage of a pattern before may have been collected in its time.
    const isSlow = (pattern: string) => {
      const ms = excess(pattern);
      return ms > MAX_MS || (ms > 0 && excess(pattern) > 0);
    };
    expect(PATTERNS.find(isSlow)).toBeUndefined();
  });
});

/** Processor time in milliseconds, so that other processes do not count. */
function timeOf(name: string, pattern: string, size: number): number {
  const text = pattern.repeat(size / pattern.length);
  const bytes = Buffer.from(text);
  const before = process.cpuUsage();
  readers[name]?.(text, bytes);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}
