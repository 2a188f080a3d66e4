import { chunk, chunkedHead, type EvilAnswer, echo, LAST_CHUNK, whole } from "./server.ts";

const OBJECTS = `,"objects":[${"{},".repeat(95_000)}{}]`;
const TEXT = `,"text":"${"x".repeat(9_500_000)}"}`;
const FEW_OBJECTS = `,"objects":[${"{},".repeat(60_000)}{}]}`;

function inPieces(text: string, count: number): Buffer {
  const size = Math.ceil(text.length / count);
  return Buffer.concat(
    Array.from({ length: count }, (_, i) => chunk(text.slice(i * size, (i + 1) * size))).filter(({ length }) => length > 5),
  );
}

const large = inPieces(`${OBJECTS}${TEXT}`, 99_000);
const lessLarge = inPieces(FEW_OBJECTS, 1900);
const events = Buffer.concat([
  ...Array.from({ length: 99_000 }, (_, i) => chunk(`event: delta\ndata: {"text":"${"é".repeat(20)}${i}"}\n\n`)),
  chunk('event: done\ndata: {"status":"completed"}\n\n'),
]);

/** An echo whose answers are nearly as large as each limit allows. */
export const largestEcho: EvilAnswer = (socket, { path, body }) => {
  if (path === "/stream")
    return socket.write(Buffer.concat([Buffer.from(chunkedHead("text/event-stream")), events, Buffer.from(LAST_CHUNK)]));
  const reply = replyTo(body);
  if (reply === undefined) return socket.write(whole("{}", "application/json", "400 Bad Request"));
  const rest = body.includes("load ") ? lessLarge : large;
  return socket.write(
    Buffer.concat([Buffer.from(chunkedHead("application/json")), chunk(reply.slice(0, -1)), rest, Buffer.from(LAST_CHUNK)]),
  );
};

function replyTo(body: string): string | undefined {
  try {
    return echo(body);
  } catch {
    return undefined;
  }
}
