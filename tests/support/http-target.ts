import { request as httpRequest, type IncomingMessage } from "node:http";
import { connect } from "node:net";
import type { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Answer, ExactRequest } from "./target.ts";

/** Sends exact bytes to a port of this computer. Each request has its own connection, like those of the main app. */
export function sendTo(port: number, request: ExactRequest): Promise<Answer> {
  const names = new Set(request.headers.map(([name]) => name.toLowerCase()));
  const headers = [...request.headers];
  if (!names.has("host")) headers.unshift(["Host", `localhost:${port}`]);
  if (!names.has("content-length") && !names.has("transfer-encoding"))
    headers.push(["Content-Length", String(request.body.length)]);

  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      { host: "127.0.0.1", port, method: request.method, path: request.path, headers: headers.flat(), agent: false },
      (incoming) => {
        const pieces: Uint8Array[] = [];
        const body = decoded(incoming);
        body.on("data", (piece: Uint8Array) => pieces.push(piece));
        body.on("error", reject);
        body.on("end", () => {
          const answerHeaders = new Headers();
          for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
            answerHeaders.append(incoming.rawHeaders[i] ?? "", incoming.rawHeaders[i + 1] ?? "");
          }
          resolve({ status: incoming.statusCode ?? 0, headers: answerHeaders, pieces });
        });
      },
    );
    outgoing.on("error", reject);
    outgoing.end(request.body);
  });
}

/** Whether something accepts connections on a port of this computer. */
export function connects(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(!socket.destroy() || true));
    socket.on("error", () => resolve(false));
  });
}

/** Decompresses an answer, as the main app's HTTP client does. */
function decoded(incoming: IncomingMessage): Readable {
  return incoming.headers["content-encoding"] === "gzip" ? incoming.pipe(createGunzip()) : incoming;
}
