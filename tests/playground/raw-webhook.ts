import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as silence } from "node:timers/promises";

/** Breaks the connection off, so that its other side gets ECONNRESET. */
export const RESET = Symbol("RESET");

/**
 * What a webhook does with its connection: it writes bytes, writes the same bytes for ever, or is silent for so many
 * milliseconds. At the end it closes.
 */
export type Steps = readonly (string | Uint8Array | number | { readonly forever: string | Uint8Array } | typeof RESET)[];

interface ReceivedRequest {
  readonly head: string;
  readonly body: string;
  /** Resolves when the main app has closed the connection. */
  readonly closed: Promise<void>;
}

/** An answer with a Content-Length. */
export function answer(body: string | Uint8Array, { status = "200 OK", type = "application/json", headers = "" } = {}): Steps {
  const length = `Content-Length: ${Buffer.byteLength(body)}\r\n`;
  return [head({ status, type, headers: headers + length }), body];
}

/** A chunked answer. Each text is one HTTP chunk and one write. */
export function chunks(
  parts: readonly (string | Uint8Array | number)[],
  { status = "200 OK", type = "text/event-stream", headers = "" } = {},
): Steps {
  const written = parts.map((part) => (typeof part === "number" ? part : chunk(part)));
  return [head({ status, type, headers: `${headers}Transfer-Encoding: chunked\r\n` }), ...written, "0\r\n\r\n"];
}

export function chunk(part: string | Uint8Array): Uint8Array {
  const size = Buffer.from(`${Buffer.byteLength(part).toString(16)}\r\n`);
  return Buffer.concat([size, Buffer.from(part as string), Buffer.from("\r\n")]);
}

export function head({ status = "200 OK", type = "application/json", headers = "" } = {}): string {
  return `HTTP/1.1 ${status}\r\n${type && `Content-Type: ${type}\r\n`}${headers}Connection: close\r\n\r\n`;
}

/** A webhook on a real socket that answers what it is told. Disposing of it closes it. */
export async function startRawWebhook(initial: Steps = answer('{"reply":"text"}')) {
  const requests: ReceivedRequest[] = [];
  const sockets = new Set<Socket>();
  let steps = initial;
  let received = () => {};
  const server = createServer({ allowHalfOpen: true }, async (socket) => {
    sockets.add(socket);
    const closed = new Promise<void>((resolve) => {
      socket.once("end", resolve);
      socket.once("close", () => resolve());
    });
    socket.on("error", () => {});
    const request = await readRequest(socket);
    if (!request) return void socket.destroy();
    requests.push({ ...request, closed });
    received();
    let isGone = false;
    closed.then(() => (isGone = true));
    const write = (bytes: string | Uint8Array) => {
      if (isGone || socket.write(bytes)) return undefined;
      return new Promise<void>((resolve) => {
        socket.once("drain", resolve);
        closed.then(resolve);
      });
    };
    for (const step of steps) {
      if (typeof step === "number") await silence(step);
      else if (step === RESET) socket.resetAndDestroy();
      else if (typeof step === "string" || step instanceof Uint8Array) await write(step);
      else while (!isGone) await write(step.forever);
    }
    socket.end();
    await closed;
    socket.destroy();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://localhost:${port}/hook`,
    requests,
    answers(next: Steps) {
      steps = next;
      requests.length = 0;
    },
    /** Resolves when the next request has arrived. */
    received: () => new Promise<void>((resolve) => (received = resolve)),
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function readRequest(socket: Socket): Promise<{ head: string; body: string } | undefined> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    socket.on("data", (data) => {
      bytes = Buffer.concat([bytes, data]);
      const end = bytes.indexOf("\r\n\r\n");
      if (end === -1) return;
      const head = bytes.subarray(0, end).toString("latin1");
      const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
      const body = bytes.subarray(end + 4);
      if (body.length >= length) resolve({ head, body: body.toString() });
    });
    socket.once("end", () => resolve(undefined));
    socket.once("close", () => resolve(undefined));
  });
}
