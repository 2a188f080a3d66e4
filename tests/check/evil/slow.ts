import type { Socket } from "node:net";
import { chunk, chunkedHead, type EvilAnswer, echo, LAST_CHUNK, whole } from "./server.ts";

export interface SlowAnswer {
  readonly trick: string;
  readonly answer: EvilAnswer;
}

const DRIP_MS = 50;
/** Short for a check of one message; a check of 200 messages takes a minute. */
const SLOWLY_MS = 300;
/** This many requests are answered normally. */
const ANSWERED = 3;

/** Writes a byte every `DRIP_MS` until the connection is closed. */
function drip(socket: Socket, start: string, byte: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write(byte), DRIP_MS);
  socket.on("close", () => clearInterval(timer));
}

/** Answers normally at first, then as `later` does. */
const atFirst =
  (later: EvilAnswer): EvilAnswer =>
  (socket, asked) =>
    asked.before < ANSWERED ? socket.write(whole(echo(asked.body))) : later(socket, asked);

/** The right answer, after some spaces. */
const slowly: EvilAnswer = (socket, { body }) => {
  socket.write(chunkedHead("application/json"));
  const timer = setInterval(() => socket.write(chunk(" ")), DRIP_MS);
  const stop = () => clearInterval(timer);
  socket.once("close", stop);
  const answer = setTimeout(() => {
    stop();
    socket.off("close", stop);
    socket.write(Buffer.concat([chunk(echo(body)), Buffer.from(LAST_CHUNK)]));
  }, SLOWLY_MS);
  answer.unref();
};

/** Answers that take too long. */
export const slowAnswers: readonly SlowAnswer[] = [
  { trick: "never answers", answer: () => {} },
  { trick: "drips a body", answer: (socket) => drip(socket, chunkedHead("application/json"), "1\r\n \r\n") },
  { trick: "drips a head", answer: (socket) => drip(socket, "HTTP/1.1 200 OK\r\nX-Slow: ", "a") },
  {
    trick: "goes silent in the middle of a body",
    answer: (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
  },
  { trick: "answers a few messages and then drips", answer: atFirst((socket) => drip(socket, "HTTP/1.1 200 OK\r\n\r\n", " ")) },
  { trick: "answers a few messages and then goes silent", answer: atFirst(() => {}) },
  { trick: "answers correctly but slowly", answer: slowly },
];
