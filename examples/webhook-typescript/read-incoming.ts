import type { IncomingMessage } from "node:http";
import { BoundedBytes, type Excess } from "../../shared/bounded.ts";

/**
 * Reads at most `maxBytes` of a request's body from Node's own stream. A web stream around it takes several times as long for
 * each piece, and a stranger can make a piece as small as one byte. Rejects if the body breaks off.
 */
export function readIncoming(incoming: IncomingMessage, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | Excess> {
  return new Promise((resolve, reject) => {
    const announced = incoming.headers["content-length"];
    const read = new BoundedBytes(maxBytes, announced === undefined ? undefined : Number(announced));
    let excess: Excess | undefined;
    incoming.on("data", (piece: Buffer<ArrayBuffer>) => {
      // Pieces that are parsed already still come. They are dropped.
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
