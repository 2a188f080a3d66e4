import type { Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { chunk, chunkedHead, type EvilAnswer, LAST_CHUNK, pour, whole } from "./server.ts";

export interface LargeAnswer {
  readonly trick: string;
  readonly answer: EvilAnswer;
  /** What the check reports. */
  readonly says: string;
}

const JSON_TYPE = "application/json";
const GZIP = "Content-Encoding: gzip";
const bomb = gzipSync(Buffer.concat([Buffer.from('{"reply":"'), Buffer.alloc(300_000_000, "a"), Buffer.from('"}')]));
const manyObjects = whole(`{"reply":[${"{},".repeat(3_000_000)}{}]}`);
const manyChunks = chunk("a").toString().repeat(10_000);
const manyEvents = Buffer.from("data\n\n".repeat(1_500_000));

function inChunks(socket: Socket, bytes: Buffer, size: number, ...fields: string[]): void {
  const parts = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    chunk(bytes.subarray(i * size, (i + 1) * size)),
  );
  socket.write(Buffer.concat([Buffer.from(chunkedHead(JSON_TYPE, ...fields)), ...parts, Buffer.from(LAST_CHUNK)]));
}

function endless(start: string, part: string | Buffer): EvilAnswer {
  return (socket) => {
    socket.write(start);
    return pour(socket, part);
  };
}

/** Answers that would fill the memory when they are read or decoded. This test sends only a limited part of each. */
export const largeAnswers: readonly LargeAnswer[] = [
  {
    trick: "300 MB in 0.3 MB of gzip",
    answer: (socket) => socket.write(whole(bomb, JSON_TYPE, "200 OK", [GZIP])),
    says: "the answer is longer than 10485760 bytes once it is decoded",
  },
  {
    trick: "20 kB of gzip in chunks of 20 bytes",
    answer: (socket) => inChunks(socket, bomb.subarray(0, 20_000), 20, GZIP),
    says: "the answer is longer than 10485760 bytes once it is decoded",
  },
  {
    trick: "endless chunks, one byte each",
    answer: endless(chunkedHead(JSON_TYPE), manyChunks),
    says: "the answer comes in more than 100000 pieces",
  },
  {
    trick: "an endless body",
    answer: endless("HTTP/1.1 200 OK\r\n\r\n", "a".repeat(60_000)),
    says: "the answer is longer than 10485760 bytes",
  },
  {
    trick: "an endless chunk size",
    answer: endless(chunkedHead(JSON_TYPE), "0".repeat(60_000)),
    says: "the line of a chunk is longer than 102400 bytes",
  },
  {
    trick: "an endless trailer",
    answer: endless(`${chunkedHead(JSON_TYPE)}0\r\n`, "X-Trailer: 1\r\n".repeat(4000)),
    says: "the trailer is longer than 102400 bytes",
  },
  {
    trick: "an endless header line",
    answer: endless("HTTP/1.1 200 OK\r\nX-Long: ", "a".repeat(60_000)),
    says: "the head is longer than 102400 bytes",
  },
  {
    trick: "endless header lines",
    answer: endless("HTTP/1.1 200 OK\r\n", "X-Many: 1\r\n".repeat(5000)),
    says: "the head is longer than 102400 bytes",
  },
  {
    trick: "endless interim answers",
    answer: endless("", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(2000)),
    says: "more than 100 interim answers come before the answer",
  },
  {
    trick: "endless small chunks with long extensions",
    answer: endless(chunkedHead(JSON_TYPE), `1;${"x".repeat(1000)}\r\na\r\n`.repeat(50)),
    says: "the answer takes more than 20971520 bytes",
  },
  {
    trick: "JSON of three million objects",
    answer: (socket) => socket.write(manyObjects),
    says: '200, application/json: {"reply":[{},{},',
  },
  {
    trick: "a stream of a million events",
    answer: (socket, { path }) =>
      path === "/stream" ? socket.write(whole(manyEvents, "text/event-stream")) : socket.write(whole('{"reply":"hi"}')),
    says: "a stream of more than 100000 events",
  },
];
