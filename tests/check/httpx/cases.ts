import { deflateSync, gzipSync } from "node:zlib";

/** A raw answer. The server writes each part after the client has read the one before, and then closes the connection. */
export interface Case {
  readonly name: string;
  readonly method: "POST" | "HEAD";
  readonly parts: readonly Buffer[];
}

type Bytes = string | Buffer;

const REPLY = '{"reply":"hi"}';
const LENGTH = `Content-Length: ${REPLY.length}`;
const CHUNKED = "Transfer-Encoding: chunked";
const CHUNKS = `7\r\n{"reply\r\n7\r\n":"hi"}\r\n0\r\n\r\n`;

const one = (name: string, ...parts: Bytes[]): Case => ({ name, method: "POST", parts: parts.map(bytesOf) });
const bytesOf = (bytes: Bytes) => (typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
const joined = (...parts: Bytes[]) => Buffer.concat(parts.map(bytesOf));
/** A head with these lines, each with `\r\n`. */
const head = (...lines: string[]) => ["HTTP/1.1 200 OK", ...lines, "", ""].join("\r\n");
/** An answer that is fine but for its header lines. */
const fields = (name: string, ...lines: string[]) => one(name, head(...lines, LENGTH) + REPLY);
const statusLine = (name: string, line: string) => one(name, `${line}\r\n${LENGTH}\r\n\r\n${REPLY}`);
const chunks = (name: string, body: string, ...lines: string[]) => one(name, head(CHUNKED, ...lines) + body);
const size = (name: string, line: string) => chunks(name, `${line}\r\n${REPLY}\r\n0\r\n\r\n`);
const length = (name: string, ...lines: string[]) => one(name, head(...lines) + REPLY);
/** A body in these parts with a Content-Encoding. The first comes together with the head. */
const encoded = (name: string, encoding: string, first: Buffer, ...rest: Buffer[]) => {
  const lines = encoding.split("\n").map((value) => `Content-Encoding: ${value}`);
  return one(name, joined(head(...lines), first), ...rest);
};

// REPLY as one zlib compresses it. Not compressed here: another zlib may write other bytes.
const raw = Buffer.from("ab562a4a2dc8a954b252cac854aa0500", "hex");
const deflate = Buffer.from("789cab562a4a2dc8a954b252cac854aa050024b504b8", "hex");
const gzip = Buffer.from("1f8b0800000000000003ab562a4a2dc8a954b252cac854aa0500ab436dc70e000000", "hex");
const other = gzipSync(" and more");
/** A gzip header with every optional field. */
const richGzip = joined(
  Buffer.from([0x1f, 0x8b, 8, 0b11100, 0, 0, 0, 0, 0, 3, 4, 0]),
  "xtra",
  "a name\0",
  "a comment\0",
  gzip.subarray(10),
);
const changed = (bytes: Buffer, at: number) => {
  const copy = Buffer.from(bytes);
  const index = at < 0 ? bytes.length + at : at;
  copy[index] = (copy[index] as number) ^ 0xff;
  return copy;
};
const cutInto = (bytes: Buffer, ...ends: number[]) =>
  [0, ...ends].map((start, i) => bytes.subarray(start, ends[i] ?? bytes.length));
const singleBytes = (bytes: Buffer) => [...bytes].map((byte) => Buffer.from([byte]));

const HEX_DIGITS = REPLY.length.toString(16);

/** Answers that HTTP libraries read in different ways. */
export const cases: readonly Case[] = [
  // Line ends
  fields("a plain answer"),
  one("bare line feeds in the head", head(LENGTH).replaceAll("\r", "") + REPLY),
  one("some bare line feeds in the head", head(LENGTH).replace("\r", "") + REPLY),
  one("bare line feeds in the head, then chunks", head(CHUNKED).replaceAll("\r", "") + CHUNKS),
  chunks("bare line feeds everywhere", CHUNKS.replaceAll("\r", "")),
  chunks("a bare line feed after a chunk", CHUNKS.replace("ly\r\n", "ly\n")),
  chunks("a bare line feed after a chunk's size", CHUNKS.replace("7\r\n", "7\n")),
  chunks("a bare line feed at the end of the trailer", CHUNKS.slice(0, -2).concat("\n")),
  one("two carriage returns at the end of a line", `HTTP/1.1 200 OK\r\r\n${LENGTH}\r\n\r\n${REPLY}`),
  fields("two carriage returns at the end of a header line", "X: 1\r"),
  one("two carriage returns in the empty line", `HTTP/1.1 200 OK\r\n${LENGTH}\r\n\r\r\n\r\n${REPLY}`),
  one("carriage returns alone as line ends", head(LENGTH).replaceAll("\n", "") + REPLY),
  one("an empty line before the status line", `\r\n${head(LENGTH)}${REPLY}`),
  one("a line feed before the status line", `\n${head(LENGTH)}${REPLY}`),
  one("a space before the status line", ` ${head(LENGTH)}${REPLY}`),
  one("a byte order mark before the status line", `\xef\xbb\xbf${head(LENGTH)}${REPLY}`),
  one("no header lines", `HTTP/1.1 200 OK\r\n\r\n${REPLY}`),
  one("each byte alone", ...singleBytes(bytesOf(head(CHUNKED) + CHUNKS))),

  // The status line
  statusLine("HTTP/1.0", "HTTP/1.0 200 OK"),
  statusLine("HTTP/2.0", "HTTP/2.0 200 OK"),
  statusLine("HTTP/0.9", "HTTP/0.9 200 OK"),
  statusLine("HTTP/2", "HTTP/2 200 OK"),
  statusLine("HTTP/1.10", "HTTP/1.10 200 OK"),
  statusLine("http in lower case", "http/1.1 200 OK"),
  statusLine("no reason", "HTTP/1.1 200"),
  statusLine("a space and no reason", "HTTP/1.1 200 "),
  statusLine("two spaces before the status", "HTTP/1.1  200 OK"),
  statusLine("three spaces before the reason", "HTTP/1.1 200   OK"),
  statusLine("a tab after the version", "HTTP/1.1\t200 OK"),
  statusLine("a tab after the status", "HTTP/1.1 200\tOK"),
  statusLine("a reason in Latin-1", "HTTP/1.1 200 D\xe9j\xe0 vu"),
  statusLine("a control character in the reason", "HTTP/1.1 200 O\x01K"),
  statusLine("a null byte in the reason", "HTTP/1.1 200 O\0K"),
  statusLine("a form feed in the reason", "HTTP/1.1 200 O\fK"),
  statusLine("a status of two digits", "HTTP/1.1 20 OK"),
  statusLine("a status of four digits", "HTTP/1.1 2000 OK"),
  statusLine("a status in letters", "HTTP/1.1 2xx OK"),
  statusLine("no status", "HTTP/1.1"),
  statusLine("status 000", "HTTP/1.1 000 OK"),
  statusLine("status 099", "HTTP/1.1 099 OK"),
  statusLine("status 999", "HTTP/1.1 999 OK"),
  statusLine("a CGI's Status instead of a status line", "Status: 200 OK"),
  one("HTML without a head", "<html>hello</html>\r\n\r\n"),
  one("JSON without a head", REPLY),
  one("another protocol", "SSH-2.0-OpenSSH_9.2\r\n"),
  one("the alert of a TLS server", Buffer.from([0x15, 3, 3, 0, 2, 2, 70])),

  // Header lines
  fields("a header line without a colon", "no colon here"),
  fields("a space before the colon", "Content-Type : application/json"),
  fields("a tab before the colon", "Content-Type\t: application/json"),
  fields("a space in a header's name", "X Y: 1"),
  fields("an empty header name", ": 1"),
  fields("no space after the colon", "X:1"),
  fields("an empty value", "X:"),
  fields("white space around a value", "X: \t 1 \t "),
  fields("a colon in a value", "X: a:b"),
  fields("quotes in a header's name", '"X": 1'),
  fields("a slash in a header's name", "X/Y: 1"),
  fields("every character that a name may have", "!#$%&'*+-.^_`|~09azAZ: 1"),
  fields("a name that is not ASCII", "X-\xc3\xa9: 1"),
  fields("a value in UTF-8", "X: \xc3\xa9"),
  fields("a value in Latin-1", "X: \xe9"),
  fields("a control character in a value", "X: a\x01\x1b[31m\x7fb"),
  fields("a null byte in a value", "X: a\0b"),
  fields("a vertical tab in a value", "X: a\vb"),
  fields("a form feed in a value", "X: a\fb"),
  fields("a tab in a value", "X: a\tb"),
  fields("a carriage return in a value", "X: a\rb"),
  fields("a folded line", "X: 1", "  2"),
  fields("a folded line with a tab", "X: 1", "\t2"),
  fields("a folded line of spaces", "X: 1", " "),
  fields("a folded line first", " X: 1"),
  one("a folded Content-Length", `HTTP/1.1 200 OK\r\nContent-Length:\r\n 14\r\n\r\n${REPLY}`),
  fields("a head of 100,000 bytes", `X: ${"a".repeat(99_900)}`),
  fields("a head of 200,000 bytes", `X: ${"a".repeat(200_000)}`),
  fields("a head of 200,000 bytes in many lines", ...Array<string>(20_000).fill("X: 12345")),
  one("a head that breaks off", "HTTP/1.1 200 OK\r\nContent-Le"),
  one("nothing"),

  // The length
  length("Content-Length twice, equal", LENGTH, LENGTH),
  length("Content-Length as an equal list", "Content-Length: 14, 14"),
  length("Content-Length as an equal list without a space", "Content-Length: 14,14"),
  length("Content-Length twice, different", LENGTH, "Content-Length: 15"),
  length("Content-Length as a list of two", "Content-Length: 14, 15"),
  length("Content-Length with a comma at the end", "Content-Length: 14,"),
  length("Content-Length with a zero before it", "Content-Length: 014"),
  length("Content-Length twice, one with a zero before it", LENGTH, "Content-Length: 014"),
  length("Content-Length with a plus", "Content-Length: +14"),
  length("Content-Length with a minus", "Content-Length: -14"),
  length("Content-Length in hex", "Content-Length: 0xe"),
  length("Content-Length with a fraction", "Content-Length: 14.0"),
  length("Content-Length in letters", "Content-Length: chunked"),
  length("an empty Content-Length", "Content-Length:"),
  length("a Content-Length of 20 digits", `Content-Length: ${"14".padStart(20, "0")}`),
  length("a Content-Length of 21 digits", `Content-Length: ${"14".padStart(21, "0")}`),
  length("a Content-Length that never comes", "Content-Length: 99999999999999999999"),
  length("Content-Length 0 and a body", "Content-Length: 0"),
  one("a body longer than Content-Length", `${head(LENGTH)}${REPLY} and more`),
  one("a body shorter than Content-Length", head(LENGTH) + REPLY.slice(0, -3)),
  one("no length, until the connection is closed", head() + REPLY),
  one("no length and no body", head()),

  // Transfer-Encoding
  chunks("chunks", CHUNKS),
  one("chunks in capitals", head("TRANSFER-ENCODING: CHUNKED") + CHUNKS),
  one("chunks from HTTP/1.0", head(CHUNKED).replace("1.1", "1.0") + CHUNKS),
  chunks("chunks and Content-Length", CHUNKS, LENGTH),
  chunks("chunks and a broken Content-Length", CHUNKS, "Content-Length: x"),
  chunks("Transfer-Encoding twice", CHUNKS, CHUNKED),
  one("Transfer-Encoding: gzip, chunked", head("Transfer-Encoding: gzip, chunked") + CHUNKS),
  one("Transfer-Encoding: chunked, chunked", head("Transfer-Encoding: chunked, chunked") + CHUNKS),
  one("Transfer-Encoding: chunked;q=1", head("Transfer-Encoding: chunked;q=1") + CHUNKS),
  one("Transfer-Encoding: identity", head("Transfer-Encoding: identity", LENGTH) + REPLY),
  one("Transfer-Encoding: gzip", joined(head("Transfer-Encoding: gzip"), gzip)),
  one("an empty Transfer-Encoding", head("Transfer-Encoding:", LENGTH) + REPLY),

  // Chunks
  size("a chunk size in lower case", HEX_DIGITS),
  size("a chunk size in upper case", HEX_DIGITS.toUpperCase()),
  size("a chunk size with zeros before it", `000${HEX_DIGITS}`),
  size("a chunk size of 20 digits", HEX_DIGITS.padStart(20, "0")),
  size("a chunk size of 21 digits", HEX_DIGITS.padStart(21, "0")),
  size("a chunk that never comes", "ffffffffffffffffffff"),
  size("a chunk size with a space after it", `${HEX_DIGITS} `),
  size("a chunk size with tabs and spaces after it", `${HEX_DIGITS} \t \t`),
  size("a chunk size with a space before it", ` ${HEX_DIGITS}`),
  size("a chunk size with text after it", `${HEX_DIGITS}xyz`),
  size("a chunk size with 0x", `0x${HEX_DIGITS}`),
  size("a chunk size with a minus", `-${HEX_DIGITS}`),
  size("an empty chunk size", ""),
  size("a chunk size that is no number", "hello"),
  size("a chunk extension", `${HEX_DIGITS};name=value`),
  size("a chunk extension in quotes", `${HEX_DIGITS};name="a;b"`),
  size("a space before a chunk extension", `${HEX_DIGITS} ;name=value`),
  size("an empty chunk extension", `${HEX_DIGITS};`),
  size("control characters in a chunk extension", `${HEX_DIGITS};\0\x01\x1b`),
  size("a carriage return in a chunk extension", `${HEX_DIGITS};a\rb`),
  size("a line feed in a chunk extension", `${HEX_DIGITS};a\nb`),
  size("a chunk longer than its size", "5"),
  size("a chunk shorter than its size", "15"),
  chunks("garbage after a good chunk", `${CHUNKS.slice(0, 12)}zz\r\n`),
  chunks("a last chunk of many zeros", CHUNKS.replace("\r\n0\r\n", "\r\n0000\r\n")),
  chunks("a last chunk with an extension", CHUNKS.replace("\r\n0\r\n", "\r\n0;x\r\n")),
  chunks("a trailer", CHUNKS.replace("0\r\n\r\n", "0\r\nX: 1\r\nY: 2\r\n\r\n")),
  chunks("a trailer without a colon", CHUNKS.replace("0\r\n\r\n", "0\r\nno colon\r\n\r\n")),
  chunks("a trailer with a broken Content-Length", CHUNKS.replace("0\r\n\r\n", "0\r\nContent-Length: x\r\n\r\n")),
  chunks("a trailer with Content-Length", CHUNKS.replace("0\r\n\r\n", "0\r\nContent-Length: 3\r\n\r\n")),
  chunks("bare line feeds in a trailer", CHUNKS.replace("0\r\n\r\n", "0\r\nX: 1\n\n")),
  chunks("a trailer of 200,000 bytes", CHUNKS.replace("0\r\n\r\n", `0\r\nX: ${"a".repeat(200_000)}\r\n\r\n`)),
  chunks("a chunk extension of 200,000 bytes", `${HEX_DIGITS};${"a".repeat(200_000)}\r\n${REPLY}\r\n0\r\n\r\n`),
  chunks("no last chunk", CHUNKS.slice(0, -5)),
  chunks("no end of the trailer", CHUNKS.slice(0, -2)),
  chunks("text after the last chunk", `${CHUNKS}and more`),

  // Answers without a body, and answers before the answer
  one("100 Continue before the answer", `HTTP/1.1 100 Continue\r\n\r\n${head(LENGTH)}${REPLY}`),
  one("103 with header lines before the answer", `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${head(LENGTH)}${REPLY}`),
  one("three interim answers", `${"HTTP/1.1 102 Processing\r\n\r\n".repeat(3)}${head(LENGTH)}${REPLY}`),
  one("an interim answer with a broken header", `HTTP/1.1 103 Early Hints\r\nno colon\r\n\r\n${head(LENGTH)}${REPLY}`),
  one("101 Switching Protocols", `HTTP/1.1 101 Switching Protocols\r\n\r\n${head(LENGTH)}${REPLY}`),
  one("an interim answer and nothing more", "HTTP/1.1 100 Continue\r\n\r\n"),
  statusLine("204 with a body", "HTTP/1.1 204 No Content"),
  statusLine("304 with a body", "HTTP/1.1 304 Not Modified"),
  statusLine("205 with a body", "HTTP/1.1 205 Reset Content"),
  one("204 with a broken Content-Length", "HTTP/1.1 204 No Content\r\nContent-Length: x\r\n\r\n"),
  { ...fields("HEAD with a length"), method: "HEAD" },
  { ...chunks("HEAD with chunks", CHUNKS), method: "HEAD" },

  // Content-Encoding
  encoded("gzip", "gzip", gzip),
  encoded("GZIP", "GZIP", gzip),
  encoded("x-gzip", "x-gzip", gzip),
  encoded("gzip with every optional field", "gzip", richGzip),
  encoded("gzip with every optional field, each byte alone", "gzip", ...(singleBytes(richGzip) as [Buffer])),
  encoded("deflate with a zlib header", "deflate", deflate),
  encoded("deflate without a zlib header", "deflate", raw),
  encoded("deflate without a zlib header, each byte alone", "deflate", ...(singleBytes(raw) as [Buffer])),
  encoded("deflate without a zlib header, two bytes first", "deflate", ...(cutInto(raw, 2) as [Buffer, Buffer])),
  encoded("deflate with a zlib header, each byte alone", "deflate", ...(singleBytes(deflate) as [Buffer])),
  encoded("deflate that is gzip", "deflate", gzip),
  encoded("gzip that is deflate", "gzip", deflate),
  encoded("br", "br", Buffer.from(REPLY)),
  encoded("zstd", "zstd", Buffer.from(REPLY)),
  encoded("identity", "identity", Buffer.from(REPLY)),
  encoded("an unknown encoding", "rot13", Buffer.from(REPLY)),
  encoded("an encoding with the name of a method", "constructor, toString", Buffer.from(REPLY)),
  encoded("an empty encoding", "", Buffer.from(REPLY)),
  encoded("gzip, and the body is plain", "gzip", Buffer.from(REPLY)),
  encoded("deflate, and the body is plain", "deflate", Buffer.from(REPLY)),
  encoded("gzip, and no body", "gzip", Buffer.alloc(0)),
  encoded("gzip in two members", "gzip", joined(gzip, other)),
  encoded("gzip in two members, in two parts", "gzip", gzip, other),
  encoded("gzip with text after it", "gzip", joined(gzip, "and more")),
  encoded("gzip with zeros after it", "gzip", joined(gzip, "\0\0\0\0")),
  encoded("gzip with text after it, in two parts", "gzip", gzip, Buffer.from("and more")),
  encoded("deflate with text after it", "deflate", joined(deflate, "and more")),
  encoded("gzip cut off in its data", "gzip", gzip.subarray(0, 20)),
  encoded("gzip cut off in its header", "gzip", gzip.subarray(0, 5)),
  encoded("gzip cut off in its checksum", "gzip", gzip.subarray(0, -6)),
  encoded("gzip cut off in its length", "gzip", gzip.subarray(0, -3)),
  encoded("gzip with a wrong checksum", "gzip", changed(gzip, -8)),
  encoded("gzip with a wrong checksum, cut off in its length", "gzip", changed(gzip, -8).subarray(0, -2)),
  encoded("gzip with a wrong length", "gzip", changed(gzip, -1)),
  encoded("gzip with a broken middle", "gzip", joined(gzip.subarray(0, 10), "\xff\xff\xff\xff")),
  encoded("gzip with another method", "gzip", changed(gzip, 2)),
  encoded("gzip with reserved flags", "gzip", changed(gzip, 3)),
  encoded("deflate with a wrong checksum", "deflate", changed(deflate, -1)),
  encoded("gzip broken after a good part", "gzip", gzip.subarray(0, 20), Buffer.from("\xff\xff\xff", "latin1")),
  encoded("gzip, deflate", "gzip, deflate", deflateSync(gzip)),
  encoded("gzip and deflate in two headers", "gzip\ndeflate", deflateSync(gzip)),
  encoded("deflate, gzip", "deflate, gzip", gzipSync(deflate)),
  encoded("gzip, gzip", "gzip, gzip", gzipSync(gzip)),
  encoded("gzip, and an unknown encoding", "gzip, br", gzip),
  encoded("gzip, identity", "gzip, identity", gzip),
  encoded("deflate, gzip without a zlib header", "deflate, gzip", gzipSync(raw)),
  encoded(
    "deflate, gzip without a zlib header, in parts",
    "deflate, gzip",
    ...(cutInto(gzipSync(raw), 10) as [Buffer, Buffer]),
  ),
  encoded("gzip in several parts", "gzip", ...(cutInto(gzip, 10, 20, 24) as [Buffer])),
  one(
    "gzip in chunks",
    joined(head(CHUNKED, "Content-Encoding: gzip"), "a\r\n", gzip.subarray(0, 10), "\r\n"),
    joined((gzip.length - 10).toString(16), "\r\n", gzip.subarray(10), "\r\n0\r\n\r\n"),
  ),
];

/** The user and the password of a URL. */
export const userInfos: readonly string[] = [
  ...["user:p%w", "user:p%25w", "us%20er:é", "user", "user:", ":password", "user:a:b", "u%zz:%", "user:p%ffw"],
  ...["us+er:p+w", "user:%41%c3%a9x", "%3A:%40", "u:p%2"],
];

/** What httpx was seen to do: `record.py` prints it. */
export interface Recorded {
  /** By the name of the case. Each byte of a piece is one character. */
  readonly answers: Record<string, { status?: number; pieces?: string[]; error?: string }>;
  /** The Authorization header, by the user info. */
  readonly authorizations: Record<string, string>;
}
