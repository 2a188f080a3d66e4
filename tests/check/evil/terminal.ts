import type { EvilAnswer } from "./server.ts";

/** Controls of a terminal: title, clipboard, colour, cleared screen, with both forms of an escape. */
const SEQUENCES = "\x1b]0;title\x07\x1b]52;c;Y2xpcGJvYXJk\x07\x1b[31m\x9b2J\x9d0;title\x9c\x1bc\b\x7f\0\x85";
const TURNED = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c\u2028\u2029";
const FORGED = "\nPASS 76 passed in 2.6 s, 409 requests\r\nFAIL forged\r";

/** For a header: each byte is a character, and there is no line end. With U+0000, the main app would not read the answer. */
const field = (place: string) => `<${place}>${SEQUENCES.replace("\0", "")}`;
const text = (place: string) => `<${place}>${SEQUENCES}${TURNED}${FORGED}`;
/** In JSON, C1 controls and direction marks stay as they are. The rest becomes escapes, which the reader decodes. */
const json = (place: string) => JSON.stringify(text(place));

function answer(status: string, type: string, body: string, ...fields: string[]): Buffer {
  const head = [`HTTP/1.1 ${status} ${field("reason")}`, `Content-Type: ${type}`, `X-Value: ${field("value")}`];
  const length = `Content-Length: ${Buffer.byteLength(body)}`;
  return Buffer.concat([Buffer.from(`${[...head, ...fields, length].join("\r\n")}\r\n\r\n`, "latin1"), Buffer.from(body)]);
}

const onStream =
  (events: string, ...fields: string[]): EvilAnswer =>
  (socket, { path }) => {
    if (path !== "/stream") return socket.write(answer("200", "application/json", `{"reply":${json("reply")}}`));
    const head = [
      `HTTP/1.1 200 ${field("reason")}`,
      `Content-Type: text/event-stream; ${field("type")}`,
      ...fields,
      "Connection: close",
    ];
    socket.write(Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"));
    return socket.end(events);
  };

export interface TerminalAnswer {
  readonly place: string;
  readonly answer: EvilAnswer;
  /** The places whose text must be in the output. */
  readonly seen: readonly string[];
}

const always =
  (bytes: string | Buffer): EvilAnswer =>
  (socket) =>
    socket.end(bytes);

/** Every place where a webhook can write text, filled with terminal controls. */
export const terminalAnswers: readonly TerminalAnswer[] = [
  {
    place: "a reply",
    answer: always(answer("200", `application/json; ${field("type")}`, `{"reply":${json("reply")}}`)),
    seen: ["type", "reply"],
  },
  {
    place: "an error",
    answer: always(answer("500", field("type"), text("error"), `Cache-Control: ${field("cache")}`)),
    seen: ["type", "error", "cache"],
  },
  {
    place: "a refusal",
    answer: always(answer("401", field("type"), text("refusal"), `Date: ${field("date")}`)),
    seen: ["refusal"],
  },
  {
    place: "a redirect",
    answer: always(answer("302", "text/html", text("page"), `Location: ${field("location")}`)),
    seen: ["location", "page"],
  },
  {
    place: "an encoding",
    answer: always(answer("200", "application/json", '{"reply":"hi"}', `Content-Encoding: ${field("encoding")}`)),
    seen: ["encoding"],
  },
  {
    place: "event names",
    answer: onStream(
      `event: <name>${SEQUENCES}${TURNED}\ndata: {}\n\nevent: delta\ndata: ${json("data")}\n\n: <comment>${SEQUENCES}${TURNED}\n\nid: <id>${SEQUENCES}\nevent: <last>${SEQUENCES}\ndata: {}\n\n`,
      `Cache-Control: ${field("cache")}`,
    ),
    seen: ["type", "name", "data", "comment", "id", "last", "cache"],
  },
  {
    place: "data and error events",
    answer: onStream(
      `event: delta\ndata: {"text":${json("delta")}}\n\nevent: error\ndata: <error>${SEQUENCES}${TURNED}\n\nevent: done\ndata: <done>${SEQUENCES}\n\n`,
    ),
    seen: ["delta", "error", "done"],
  },
  unreadable("a status line", `HTTP/1.1 <broken>${SEQUENCES}\r\n\r\n`),
  unreadable("another protocol", `<broken>${SEQUENCES}${FORGED}`),
  unreadable("a header name", `HTTP/1.1 200 OK\r\n<broken>${SEQUENCES}: 1\r\n\r\n`),
  unreadable("a header value", `HTTP/1.1 200 OK\r\nX: <broken>${SEQUENCES}\r\n\r\n`),
  unreadable(
    "a bare line feed in a header",
    `HTTP/1.1 200 OK\r\nContent-Type: text/html${FORGED.replace("PASS", "PASS <broken>")}\r\n\r\n`,
  ),
  unreadable("a Content-Length", `HTTP/1.1 200 OK\r\nContent-Length: ${field("broken")}\r\n\r\n`),
  unreadable("a Transfer-Encoding", `HTTP/1.1 200 OK\r\nTransfer-Encoding: ${field("broken")}\r\n\r\n`),
  unreadable("the size of a chunk", `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n<broken>${SEQUENCES}\r\n`),
];

/** An answer that the main app cannot read: the text that it cannot read is quoted. */
function unreadable(place: string, bytes: string): TerminalAnswer {
  return { place, answer: always(Buffer.from(bytes, "latin1")), seen: ["broken"] };
}
