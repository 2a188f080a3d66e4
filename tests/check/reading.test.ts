import { deflateRawSync, deflateSync, gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { eventsOf, firstSplit } from "../../local/check/stream-reading.ts";
import { AnswerRecorder } from "../../local/http/answer-recorder.ts";
import { failureText, type Piece } from "../../local/http/exchange.ts";
import { ResponseParser } from "../../local/http/response-parser.ts";
import { UnreadableAnswer } from "../../local/http/unreadable-answer.ts";
import { PeerText } from "../../local/peer-text.ts";
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
      const parser = new ResponseParser("POST");
      const got = [bytes.subarray(0, cut), bytes.subarray(cut)].flatMap((read) => [...parser.push(read)]);
      expect(parser.done).toBe(endsByItself);
      expect(parser.close()).toBe(true);
      expect([parser.head?.status, Buffer.concat(got).toString()]).toEqual([text.includes("204") ? 204 : 200, body]);
    }
  });

  test("an answer that breaks off is not complete", () => {
    const parser = new ResponseParser("POST");
    expect([...parser.push(Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhel"))]).toHaveLength(1);
    expect(parser.close()).toBe(false);
  });
});

describe("an answer that the main app cannot read is refused in words", () => {
  const CHUNKED = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const head = (...lines: string[]) => ["HTTP/1.1 200 OK", ...lines, "", ""].join("\r\n");
  test.each([
    ["SSH-2.0-OpenSSH_9.2\r\n", "it does not begin with HTTP/1.1, but with: SSH-2.0-OpenSSH_9.2\\r\\n"],
    ["\r\nHTTP/1.1 200 OK\r\n\r\n", "it does not begin with HTTP/1.1, but with: \\r\\nHTTP/1.1 200 OK\\r\\n\\r\\n"],
    ["HTTP/2 200\r\n\r\n", "its status line is: HTTP/2 200"],
    ["HTTP/1.1 101 Switching Protocols\r\n\r\n", "status 101 switches to another protocol"],
    [head("X: 1", "no colon\x1b[31m"), "a header line without a colon: no colon\\u001b[31m"],
    [head("Content-Type : text/html"), "white space before the colon of a header: Content-Type : text/html"],
    [head("X Y: 1"), "a header name that is empty or has a forbidden character: X Y: 1"],
    [head("X: a\0b"), "a control character in a header value: X: a\\u0000b"],
    [head(" X: 1"), "white space before the first header:  X: 1"],
    [head("Content-Length: 20", "content-length: 21"), "two different values of Content-Length: 20, 21"],
    [head("Content-Length:"), "a Content-Length that is not a number: (nothing)"],
    [head("Transfer-Encoding: gzip, chunked"), "a Transfer-Encoding other than chunked: gzip, chunked"],
    [head("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), "Transfer-Encoding is there twice"],
    [`${CHUNKED}14xyz\r\n`, "a chunk's size is: 14xyz\\r"],
    [`${CHUNKED}2\r\nabc\r\n`, "a chunk is longer than its size"],
  ])("%j", (text, why) => {
    const unreadable = whyUnreadable(() => [...new ResponseParser("POST").push(Buffer.from(text, "latin1"))]);
    expect(unreadable).toBe(`the main app cannot read the answer: ${why}`);
  });

  test("the alert of a TLS server", () => {
    const alert = Buffer.from([0x15, 3, 3, 0, 2, 2, 70]);
    const unreadable = whyUnreadable(() => [...new ResponseParser("POST").push(alert)]);
    expect(unreadable).toBe("a TLS server listens there; begin the URL with https://");
  });

  function whyUnreadable(read: () => unknown): string {
    try {
      read();
    } catch (error) {
      if (error instanceof UnreadableAnswer) return failureText(error, new PeerText({}).quote);
      throw error;
    }
    return expect.unreachable("it is readable");
  }
});

describe("a compressed body is decoded as it comes", () => {
  const text = Buffer.from("Hello, hello, hello! ".repeat(20));
  const LIMITS = { bodyBytes: 1000, pieces: 1000 };
  const cutIn = (bytes: Buffer, size: number) =>
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));

  /** Records an answer that arrives in these reads, one each millisecond. */
  async function recorded(encoding: string, ...reads: Buffer[]) {
    const pieces: [text: string, atMs: number][] = [];
    const recorder = new AnswerRecorder("POST", {
      limits: LIMITS,
      onPiece: (bytes, atMs) => pieces.push([Buffer.from(bytes).toString(), atMs]),
    });
    await recorder.take(Buffer.from(`HTTP/1.1 200 OK\r\nContent-Encoding: ${encoding}\r\n\r\n`), 0);
    let failure = "";
    for (const [i, read] of reads.entries()) {
      failure ||= await recorder.take(read, i + 1).then(
        () => "",
        (error) => error.message,
      );
    }
    return { answer: recorder.end(), pieces, failure };
  }

  test.each([
    ["gzip", gzipSync(text)],
    [" GZIP ", gzipSync(text)],
    ["deflate", deflateSync(text)],
    ["deflate", deflateRawSync(text)],
    ["gzip, deflate", deflateSync(gzipSync(text))],
  ])("%s: each piece has what could be decoded when it arrived", async (encoding, bytes) => {
    const { answer, pieces } = await recorded(encoding, ...cutIn(bytes, 5));
    expect(Buffer.from(answer?.body ?? "")).toEqual(text);
    expect(answer?.pieces.map(({ bytes, atMs }) => [Buffer.from(bytes).toString(), atMs])).toEqual(pieces);
    expect(pieces.map(([text]) => text).join("")).toBe(text.toString());
    expect(pieces.map(([text]) => text)).not.toContain("");
    expect(pieces.length).toBeGreaterThan(1);
  });

  test("bytes that decode to nothing are no piece, and the next piece has the time of its last byte", async () => {
    const bytes = gzipSync(text);
    const { pieces } = await recorded("gzip", bytes.subarray(0, 10), bytes.subarray(10, 11), bytes.subarray(11));
    expect(pieces).toEqual([[text.toString(), 3]]);
  });

  test.each([
    ["gzip", gzipSync(Buffer.alloc(1_000_000))],
    ["deflate", deflateRawSync(Buffer.alloc(1_000_000))],
    ["gzip, gzip", gzipSync(gzipSync(Buffer.alloc(1_000_000)))],
  ])("%s that is too long once it is decoded", async (encoding, bytes) => {
    const { answer, failure } = await recorded(encoding, ...cutIn(bytes.subarray(0, 900), 100));
    expect(failure).toBe("the answer is longer than 1000 bytes once it is decoded");
    expect(answer?.status).toBe(200);
  });

  test.each([
    ["gzip", "incorrect header check"],
    ["deflate", "invalid distance too far back"],
  ])("a plain body with Content-Encoding: %s", async (encoding, why) => {
    const { failure } = await recorded(encoding, Buffer.from('{"reply":"hi"}'));
    expect(failure).toBe(`the body is not ${encoding}: ${why}`);
  });

  test("a body that is compressed too often", async () => {
    const { failure } = await recorded("gzip,".repeat(6), gzipSync(text));
    expect(failure).toBe("the body is compressed more than 5 times");
  });
});
