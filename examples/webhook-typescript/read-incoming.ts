import type { IncomingMessage } from "node:http";
import { BoundedBytes, type Excess } from "../../shared/bounded.ts";

/**
 * The bytes of a request's body from Node's own stream, at most so many: a web stream around it takes several times as
 * long for each piece, which a stranger can make as small as one byte. Rejects if the body breaks off.
 */
export function readIncoming(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | Excess> {
  return new Promise((resolve, reject) => {
    const read = new BoundedBytes(maxBytes, Number(incoming.headers["content-length"] ?? 0));
    let excess: Excess | undefined;
    incoming.on("data", (piece: Buffer<ArrayBuffer>) => {
      // What is parsed already still comes, and is let go.
      if (excess) return;
      excess = read.add(piece);
      if (!excess) return;
      incoming.socket.pause();
      resolve(excess);
    });
    incoming.on("end", () => resolve(read.bytes));
    incoming.on("error", reject);
    incoming.on("close", () => reject(new Error("the body broke off")));
  });
}
