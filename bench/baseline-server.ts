/** A simple webhook in one file, with `node:http` and `node:crypto`, on PORT with WEBHOOK_SECRET. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const MAX_BODY_BYTES = 1_048_576;
const [MAX_SMALL_PIECES, SMALL_BYTES] = [4096, 256];
const TOLERANCE_SECONDS = 300;
const { PORT, WEBHOOK_SECRET: secret } = process.env;
if (!secret) throw new Error("Set WEBHOOK_SECRET.");

createServer((request, response) => {
  if (request.method !== "POST") return answer(response, 405, { error: "method not allowed" });
  let [body, size, pieces]: [Buffer, number, number] = [Buffer.alloc(0), 0, 0];
  request.on("data", (piece: Buffer) => {
    if (response.writableEnded) return;
    const needed = size + piece.length;
    const isTooFine = ++pieces > MAX_SMALL_PIECES && needed / pieces < SMALL_BYTES;
    // Close the connection: otherwise the rest of the body would be read.
    if (needed > MAX_BODY_BYTES || isTooFine)
      return answer(response.setHeader("connection", "close"), 413, { error: "too large" });
    if (needed > body.length) body = size > 0 ? Buffer.concat([body], 2 * needed) : piece;
    size += piece.copy(body, size);
  });
  request.on("end", () => {
    if (response.writableEnded) return;
    const rawBody = body.subarray(0, size);
    if (!isSigned(request, rawBody)) return answer(response, 401, { error: "invalid signature" });
    try {
      answer(response, 200, { reply: `Echo: ${JSON.parse(rawBody.toString("utf8")).message.content}` });
    } catch {
      answer(response, 400, { error: "invalid payload" });
    }
  });
}).listen(Number(PORT), "127.0.0.1");

function isSigned({ headers }: IncomingMessage, rawBody: Buffer): boolean {
  const { "x-timestamp": timestamp, "x-signature": signature } = headers;
  if (typeof timestamp !== "string" || typeof signature !== "string" || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const hmac = createHmac("sha256", secret as string).update(`${timestamp}.`);
  const expected = Buffer.from(`sha256=${hmac.update(rawBody).digest("hex")}`);
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function answer(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
}
