import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

export interface Asked {
  readonly path: string;
  /** The request's first line and headers. */
  readonly head: string;
  /** The number of requests before it. */
  readonly before: number;
  readonly body: string;
}

/** Answers one request on its bare socket, so that it can send what no HTTP library would. */
export type EvilAnswer = (socket: Socket, asked: Asked) => unknown;

export interface EvilWebhook extends AsyncDisposable {
  readonly url: URL;
  readonly stream: URL;
  /** Stops listening. */
  stop(): void;
}

/** Serves `answer` on a free port of 127.0.0.1. */
export async function startEvil(answer: EvilAnswer): Promise<EvilWebhook> {
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    readRequests(socket, (head, body) => answer(socket, { path: head.split(/[ ?]/, 2)[1] ?? "", head, body, before: count++ }));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return {
    url,
    stream: new URL("/stream", url),
    stop: () => void server.close(),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      if (!server.listening) return;
      server.close();
      await once(server, "close");
    },
  };
}

/** Calls `take` for each complete request on `socket`. */
function readRequests(socket: Socket, take: (head: string, body: string) => void): void {
  let came: Buffer = Buffer.alloc(0);
  socket.on("data", (data) => {
    came = Buffer.concat([came, data]);
    for (let end = endOfRequest(came); end !== undefined; end = endOfRequest(came)) {
      const [head = "", body = ""] = came.toString("utf8", 0, end).split("\r\n\r\n", 2);
      came = came.subarray(end);
      take(head, body);
    }
  });
}

function endOfRequest(bytes: Buffer): number | undefined {
  const head = bytes.indexOf("\r\n\r\n");
  if (head === -1) return undefined;
  const fields = bytes.toString("latin1", 0, head);
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(fields)?.[1] ?? 0);
  const end = /\r\ntransfer-encoding:/i.test(fields) ? bytes.indexOf("0\r\n\r\n", head) + 5 : head + 4 + length;
  return end >= head + 4 && end <= bytes.length ? end : undefined;
}

/** A complete answer with Content-Length. */
export function whole(body: string | Uint8Array, type = "application/json", status = "200 OK", fields: string[] = []): Buffer {
  const bytes = Buffer.from(body as string);
  const head = [`HTTP/1.1 ${status}`, `Content-Type: ${type}`, ...fields, `Content-Length: ${bytes.length}`];
  return Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`), bytes]);
}

/** The start of an answer with a chunked body. */
export function chunkedHead(type: string, ...fields: string[]): string {
  return `${["HTTP/1.1 200 OK", `Content-Type: ${type}`, ...fields, "Transfer-Encoding: chunked"].join("\r\n")}\r\n\r\n`;
}

export function chunk(bytes: string | Uint8Array): Buffer {
  const data = Buffer.from(bytes as string);
  return Buffer.concat([Buffer.from(`${data.length.toString(16)}\r\n`), data, Buffer.from("\r\n")]);
}

export const LAST_CHUNK = "0\r\n\r\n";

/** Writes `part` again and again until the connection is closed, or `max` bytes are written. */
export async function pour(socket: Socket, part: string | Buffer, max = 400_000_000): Promise<void> {
  for (let written = 0; written < max && !socket.destroyed; written += part.length) {
    if (!socket.write(part)) await writable(socket);
  }
}

/** Resolves when the socket can be written to again, or is closed. */
async function writable(socket: Socket): Promise<void> {
  const woken = Promise.withResolvers<void>();
  const wake = () => woken.resolve();
  socket.once("drain", wake).once("close", wake);
  await woken.promise;
  socket.off("drain", wake).off("close", wake);
}

/** An echo's answer to this request body. */
export function echo(body: string): string {
  return JSON.stringify({ reply: `You said: ${JSON.parse(body).message?.content}` });
}
