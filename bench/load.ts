import { createHmac, randomUUID } from "node:crypto";
import { connect, type Socket } from "node:net";
import { quantile } from "./compare.ts";
import { SECRET } from "./sides/in-process.ts";

const CONNECTIONS = 16;
const SIGNATURE_DIGITS = 64;
const ID = /"message":\{"id":"/;

/** How good requests fared: how many were answered, in what time, and how long one took. */
export interface Load {
  readonly answers: number;
  readonly seconds: number;
  readonly medianMs: number;
}

/**
 * Sends good requests over 16 connections, one after the other on each. Each has a new message id and so a new signature: a
 * webhook may answer a copy without work. Throws if one is not answered with 200.
 */
export async function load(url: string, body: string, seconds: number): Promise<Load> {
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;
  const latencies: number[] = [];
  let answers = 0;
  const client = async () => {
    using connection = createClient(Number(new URL(url).port));
    const nextRequest = createRequests(body);
    while (performance.now() < endsAt) {
      const request = nextRequest();
      const sentAt = performance.now();
      const status = await connection.send(request);
      if (status !== "200") throw new Error(`${url} failed a good request: ${status}`);
      const ms = performance.now() - sentAt;
      answers++;
      // If a server stalls, only few requests are slow, so each counts once for each millisecond that it took.
      for (let counted = 0; counted < ms; counted++) latencies.push(ms);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  return { answers, seconds: (performance.now() - startedAt) / 1000, medianMs: quantile(latencies, 0.5) };
}

/** Makes requests in one buffer: the body of ASCII with another message id, and its signature. */
function createRequests(body: string): () => Buffer {
  const timestamp = Math.floor(Date.now() / 1000);
  const head = [
    ...["POST / HTTP/1.1", "host: localhost", "content-type: application/json", `content-length: ${body.length}`],
    ...[`x-timestamp: ${timestamp}`, `x-signature: sha256=${"0".repeat(SIGNATURE_DIGITS)}`, "", ""],
  ].join("\r\n");
  const request = Buffer.from(head + body);
  const signed = request.subarray(head.length);
  const id = ID.exec(body);
  if (!id) throw new Error("The body has no message id.");
  return () => {
    signed.write(randomUUID(), id.index + id[0].length);
    const digits = createHmac("sha256", SECRET).update(`${timestamp}.`).update(signed).digest("hex");
    request.write(digits, head.length - 4 - SIGNATURE_DIGITS);
    return request;
  };
}

/** Sends one request after the other. A server that closes its connection after an answer gets a new one for each. */
function createClient(port: number) {
  let socket: Socket | undefined;
  let answer = "";
  let settle = (_status: string) => {};
  const finish = () => {
    settle(answer.slice("HTTP/1.1 ".length, "HTTP/1.1 200".length) || "no answer");
    answer = "";
  };
  const open = () => {
    const opened: Socket = connect(port, "127.0.0.1").setNoDelay().setEncoding("latin1");
    opened.on("data", (text: string) => {
      answer += text;
      if (isWhole(answer)) finish();
    });
    opened
      .on("error", () => {})
      .on("close", () => {
        if (socket !== opened) return;
        socket = undefined;
        finish();
      });
    return opened;
  };
  const send = (request: Buffer) =>
    new Promise<string>((resolve) => {
      settle = resolve;
      socket ??= open();
      socket.write(request);
    });
  return { send, [Symbol.dispose]: () => socket?.destroy() };
}

/** Whether an answer is complete. If it has no length and no chunks, the end of its connection ends it. */
function isWhole(answer: string): boolean {
  const headEnd = answer.indexOf("\r\n\r\n");
  if (headEnd === -1) return false;
  const head = answer.slice(0, headEnd + 2);
  const length = /\r\ncontent-length: *(\d+)\r\n/i.exec(head)?.[1];
  if (length !== undefined) return answer.length >= headEnd + 4 + Number(length);
  return /\r\ntransfer-encoding: *chunked\r\n/i.test(head) && answer.endsWith("\r\n0\r\n\r\n");
}
