import { deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { eventsOf, firstSplit } from "../../local/check/stream-reading.ts";
import { decodeContent } from "../../local/http/content-encoding.ts";
import type { Piece } from "../../local/http/exchange.ts";
import { ResponseParser } from "../../local/http/response-parser.ts";
import { shownByDashboard } from "../../local/sender/dashboard-reader.ts";

const pieces = (...texts: (string | Uint8Array)[]): Piece[] =>
  texts.map((text, read) => ({ atMs: read, read, bytes: Buffer.from(text as string) }));
const DELTA = 'event: delta\ndata: {"text":"hi"}\n\n';
const DONE = 'event: done\ndata: {"status":"completed"}\n\n';

const bytesOf = (pieces: readonly Piece[]) => pieces.map(({ bytes }) => bytes);

describe("the dashboard shows a stream", () => {
  test.each([
    ["whole events in several reads", pieces(DELTA, DELTA, DONE), { text: "hihi", ended: "done" }],
    ["whole events in one read", pieces(DELTA + DELTA + DONE), { text: "hihi", ended: "done" }],
    [
      "no space after the colon, and comments",
      pieces(`: hello\n\nevent:delta\ndata:{"text":"hi"}\n\n${DONE}`),
      { text: "hi", ended: "done" },
    ],
    [
      "an event cut inside its data is lost",
      pieces(DELTA, DELTA.slice(0, 20), DELTA.slice(20), DONE),
      { text: "hi", ended: "done" },
    ],
    ["an event cut before its empty line is lost", pieces(DELTA.slice(0, -1), `\n${DONE}`), { text: "", ended: "done" }],
    [
      "a cut inside the event's first line loses nothing",
      pieces(DELTA.slice(0, 5), DELTA.slice(5) + DONE),
      { text: "hi", ended: "done" },
    ],
    ["a cut done event hangs the chat", pieces(DELTA, DONE.slice(0, 20), DONE.slice(20)), { text: "hi", ended: "never" }],
    ["\\r\\n shows nothing", pieces((DELTA + DONE).replaceAll("\n", "\r\n")), { text: "", ended: "never" }],
    [
      "of two data lines the last counts, which is not JSON",
      pieces('event: delta\ndata: {"text":\ndata: "hi"}\n\n'),
      { text: "", ended: "broken event" },
    ],
    ["a delta without text shows undefined", pieces(`event: delta\ndata: {}\n\n${DONE}`), { text: "undefined", ended: "done" }],
    [
      "unknown events are ignored",
      pieces(`event: meta\ndata: {}\n\ndata: [DONE]\n\n${DELTA}${DONE}`),
      { text: "hi", ended: "done" },
    ],
    ["done without data is ignored", pieces(DELTA, "event: done\n\n"), { text: "hi", ended: "never" }],
    [
      "an error event removes the text",
      pieces(DELTA, 'event: error\ndata: {"message":"no"}\n\n', DONE),
      { text: "", ended: "error" },
    ],
    ["events after done are ignored", pieces(DONE, DELTA), { text: "", ended: "done" }],
  ])("%s", (_, given, expected) => {
    expect(shownByDashboard(bytesOf(given))).toMatchObject(expected);
  });

  test("a character that is cut in two becomes two broken ones", () => {
    const bytes = Buffer.from('event: delta\ndata: {"text":"é"}\n\n');
    const at = bytes.indexOf("é") + 1;
    expect(shownByDashboard(bytesOf(pieces(bytes.subarray(0, at), bytes.subarray(at)))).text).not.toContain("é");
  });

  test("an event of more than 64 KiB is lost, also in one piece", () => {
    const long = `event: delta\ndata: {"text":"${"x".repeat(70_000)}"}\n\n`;
    expect(shownByDashboard(bytesOf(pieces(long, DONE)))).toMatchObject({ text: "", ended: "done" });
  });
});

describe("the events of a stream", () => {
  test("are found with every line end, and with their places", () => {
    const events = eventsOf(
      Buffer.from('event: delta\r\ndata: {"a":"é"}\r\n\r\ndata: 1\ndata: 2\n\n: comment\n\nevent: done\n\n'),
    );
    expect(events.map(({ type, data, dataLines }) => [type, data, dataLines])).toEqual([
      ["delta", '{"a":"é"}', 1],
      ["message", "1\n2", 2],
      ["done", "", 0],
    ]);
    expect(events[1]?.start).toBe(events[0]?.end);
  });

  test("are found if they arrive in two pieces", () => {
    const whole = DELTA + DONE;
    const split = (at: number) => firstSplit(eventsOf(Buffer.from(whole)), pieces(whole.slice(0, at), whole.slice(at)))?.type;
    expect(split(DELTA.length)).toBeUndefined();
    expect(split(DELTA.length - 1)).toBe("delta");
    expect(split(DELTA.length + 1)).toBe("done");
  });
});

describe("an answer is read in the same way, wherever it is cut", () => {
  const answers = {
    "Content-Length": ["HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello", true],
    chunked: [
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: 1\r\n\r\n",
      "hello",
      true,
    ],
    "until the end": ["HTTP/1.0 200 OK\r\n\r\nhello", "hello", false],
    "after an interim answer": [
      "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
      "hello",
      true,
    ],
    "with bare line feeds in its head, as the main app accepts it": [
      "HTTP/1.1 200 OK\nContent-Length: 5\r\nX: 1\n\nhello",
      "hello",
      true,
    ],
    "without a body": ["HTTP/1.1 204 No Content\r\n\r\n", "", true],
  } as const;

  test.each(Object.entries(answers))("%s", (_, [text, body, endsByItself]) => {
    const bytes = Buffer.from(text);
    for (let cut = 1; cut < bytes.length; cut++) {
      let got = "";
      const parser = new ResponseParser("POST", (part) => {
        got += Buffer.from(part);
      });
      parser.push(bytes.subarray(0, cut));
      parser.push(bytes.subarray(cut));
      expect(parser.done).toBe(endsByItself);
      expect(parser.close()).toBe(true);
      expect([parser.head?.status, got]).toEqual([text.includes("204") ? 204 : 200, body]);
    }
  });

  test("an answer that breaks off is not complete", () => {
    const parser = new ResponseParser("POST", () => {});
    parser.push(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"));
    expect(parser.close()).toBe(false);
  });

  test.each(["-5", "0x5", "5 5", "", "5\n", "5;x\n", "fffffffffffff"])("a chunk size of %j is not HTTP/1.1", (size) => {
    const answer = Buffer.from(
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${size}${size.endsWith("\n") ? "" : "\r\n"}hello\r\n`,
    );
    expect(() => new ResponseParser("POST", () => {}).push(answer)).toThrow("the answer is not HTTP/1.1");
  });

  test.each(["SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"])(
    "%j is not HTTP/1.1",
    (text) => {
      expect(() => new ResponseParser("POST", () => {}).push(Buffer.from(text))).toThrow("the answer is not HTTP/1.1");
    },
  );
});

describe("a compressed body is decoded piece by piece", () => {
  const text = Buffer.from("Hello, hello, hello! ".repeat(20));
  const cutIn = (bytes: Buffer, size: number) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

  test.each([
    ["gzip", gzipSync(text)],
    ["X-GZIP ", gzipSync(text)],
    ["deflate", deflateSync(text)],
  ])("%s, each piece with the bytes that could be decoded when it arrived", async (encoding, bytes) => {
    const given = pieces(...cutIn(bytes, 5));
    const decoded = await decodeContent(encoding, given, 1000);
    expect(decoded?.body.toString()).toBe(text.toString());
    expect(Buffer.concat(decoded?.pieces.map(({ bytes }) => bytes) ?? [])).toEqual(text);
    expect(decoded?.pieces.map(({ read }) => read)).toEqual(given.map(({ read }) => read));
    expect(decoded?.pieces[Math.ceil(given.length / 2)]?.bytes.length).toBeGreaterThan(0);
    expect(decoded?.cut).toBe(false);
  });

  test("a body that breaks off, up to its end", async () => {
    const decoded = await decodeContent("gzip", pieces(gzipSync(text).subarray(0, -9)), 1000);
    expect(decoded?.body.toString()).toBe(text.toString());
  });

  test("a body that is too long, up to the limit", async () => {
    const decoded = await decodeContent("gzip", pieces(...cutIn(gzipSync(Buffer.alloc(1_000_000)), 100)), 1000);
    expect([decoded?.body.length, decoded?.cut]).toEqual([1000, true]);
    expect(decoded?.pieces.length).toBe(cutIn(gzipSync(Buffer.alloc(1_000_000)), 100).length);
  });

  test.each([
    ["an unknown encoding", "br", text],
    ["no encoding", undefined, text],
    ["a broken body", "gzip", Buffer.concat([gzipSync(text).subarray(0, 20), text])],
    ["a body with bytes after it", "gzip", Buffer.concat([gzipSync(text), text])],
  ])("%s leaves the bytes as they arrived", async (_, encoding, bytes) => {
    expect(await decodeContent(encoding, pieces(bytes), 1000)).toBeUndefined();
  });
});
