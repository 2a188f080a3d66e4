import { once } from "node:events";
import type { Server } from "node:http";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { type Behaviour, correct } from "./base.ts";
import { crash, type Defect } from "./defect.ts";

const MIB = 1_048_576;

/** Where a body ends: after so many bytes, with all that has arrived by then, or with the connection. */
type End = { after: number } | { withAllFrom: number } | "of the connection";

/** Reads as a server does that was written by hand: `endOf` gets the values of Content-Length. It takes no chunked body. */
function handWritten(endOf: (lengths: string[]) => End): Partial<Behaviour> {
  return {
    maxBytes: 16 * MIB,
    before(server) {
      const front = createServer({ allowHalfOpen: true }, (socket) => void forward(socket, server, endOf));
      front.on("close", () => server.close());
      return front;
    },
  };
}

async function forward(socket: Socket, server: Server, endOf: (lengths: string[]) => End): Promise<void> {
  socket.on("error", () => {});
  const request = await readRequest(socket, endOf);
  if (!Buffer.isBuffer(request)) return void socket.end(request ? `HTTP/1.1 ${request}\r\nConnection: close\r\n\r\n` : "");
  if (!server.listening) await once(server.listen(0, "127.0.0.1"), "listening");
  const inner = connect((server.address() as AddressInfo).port, "127.0.0.1");
  inner.on("error", () => socket.destroy());
  inner.write(request);
  inner.pipe(socket);
  socket.on("close", () => inner.destroy());
}

/** The bytes of one request, with one right Content-Length; a status if it is refused; undefined if it breaks off. */
function readRequest(socket: Socket, endOf: (lengths: string[]) => End): Promise<Buffer | string | undefined> {
  return new Promise((resolve) => {
    let all = Buffer.alloc(0);
    const take = (ended: boolean) => {
      const headEnd = all.indexOf("\r\n\r\n");
      if (headEnd === -1) return;
      const lines = all.toString("latin1", 0, headEnd).split("\r\n");
      const isLength = (line: string) => /^content-length:/i.test(line);
      if (lines.some((line) => /^transfer-encoding:/i.test(line))) return resolve("411 Length Required");
      const end = endOf(lines.filter(isLength).map((line) => line.slice("content-length:".length).trim()));
      const body = all.subarray(headEnd + 4);
      if (end === "of the connection") {
        if (!ended) return;
      } else {
        const needed = "after" in end ? end.after : end.withAllFrom;
        if (needed > MIB) return resolve("413 Content Too Large");
        if (body.length < needed) return;
      }
      const used = end !== "of the connection" && "after" in end ? body.subarray(0, end.after) : body;
      const head = lines.filter((line) => !isLength(line) && !/^connection:/i.test(line));
      head.push("Connection: close", `Content-Length: ${used.length}`);
      resolve(Buffer.concat([Buffer.from(`${head.join("\r\n")}\r\n\r\n`, "latin1"), used]));
    };
    socket.on("data", (data) => {
      all = Buffer.concat([all, data]);
      take(false);
    });
    socket.on("end", () => {
      take(true);
      resolve(undefined);
    });
    socket.on("close", () => resolve(undefined));
  });
}

type Request = Parameters<Behaviour["read"]>[0];
const announced = (request: Request) => Number(request.headers["content-length"] ?? 0);

/** Allocates what is announced before it reads. */
const allocates: Partial<Behaviour> = {
  read(request) {
    Buffer.alloc(announced(request));
    return correct.read.call(this, request);
  },
};

export const lengthDefects: readonly Defect[] = [
  {
    caughtBy: "H20",
    mistake: "limits only the length that is announced",
    changes: {
      async read(request) {
        if (announced(request) > this.maxBytes) return "too large";
        return correct.read.call({ ...this, maxBytes: Number.POSITIVE_INFINITY }, request);
      },
    },
  },
  {
    caughtBy: "H20",
    mistake: "has a larger limit for chunked bodies",
    changes: {
      read(request) {
        const isChunked = request.headers["transfer-encoding"] !== undefined;
        return correct.read.call({ ...this, maxBytes: isChunked ? 4 * MIB : MIB }, request);
      },
    },
  },
  {
    caughtBy: "H21",
    mistake: "reads to the end after a negative length",
    changes: handWritten(([first = "0"]) => (Number(first) < 0 ? "of the connection" : { after: Number(first) })),
  },
  { caughtBy: "H27", mistake: "allocates the length that is announced, and answers 500", changes: allocates },
  {
    caughtBy: "H27",
    mistake: "ends when it cannot allocate the length that is announced",
    changes: { ...allocates, failed: crash },
  },
  {
    caughtBy: "H21",
    mistake: "takes the first of two lengths",
    changes: handWritten(([first = "0"]) => ({ after: Number(first) })),
  },
  {
    caughtBy: "H21",
    mistake: "takes the last of two lengths",
    changes: handWritten((lengths) => ({ after: Number(lengths.at(-1) ?? 0) })),
  },
  {
    caughtBy: "H21",
    mistake: "takes the digits at the start of a length",
    changes: handWritten((lengths) => ({ after: lengths.length > 1 ? MIB + 1 : Number.parseInt(lengths[0] ?? "0", 10) })),
  },
  {
    caughtBy: "H21",
    mistake: "ignores the length if more has arrived",
    changes: handWritten((lengths) => ({ withAllFrom: lengths.length > 1 ? MIB + 1 : Number(lengths[0] ?? 0) })),
  },
];
