import type { Socket } from "node:net";
import { chunk, chunkedHead, type EvilAnswer, echo, LAST_CHUNK, whole } from "./server.ts";

export interface SlowAnswer {
  readonly trick: string;
  readonly answer: EvilAnswer;
}

const DRIP_MS = 50;
/** So long that no check of one message notices, and one of 200 takes a minute. */
const SLOWLY_MS = 300;
/** The first message and a few more are answered. */
const ANSWERED = 3;

/** A byte now and then, for as long as somebody reads. */
function drip(socket: Socket, start: string, byte: string): void {
  socket.write(start);
  const timer = setInterval(() => socket.write(byte), DRIP_MS);
  socket.on("close", () => clearInterval(timer));
}

/** Answers at first, then as `later` does. */
const atFirst =
  (later: EvilAnswer): EvilAnswer =>
  (socket, asked) =>
    asked.before < ANSWERED ? socket.write(whole(echo(asked.body))) : later(socket, asked);

/** The right answer, with spaces before it for a while. */
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

/** Answers that never come to their end. */
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
  { trick: "answers rightly and slowly", answer: slowly },
];
