/** The webhook that a user would otherwise write: one file, `node:http` and `node:crypto`, on PORT with WEBHOOK_SECRET. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

const MAX_BODY_BYTES = 1_048_576;
const TOLERANCE_SECONDS = 300;
const { PORT, WEBHOOK_SECRET } = process.env;
if (!WEBHOOK_SECRET) throw new Error("Set WEBHOOK_SECRET.");
const secret = WEBHOOK_SECRET;

const server = createServer((request, response) => {
  if (request.method !== "POST") return answer(response, 405, { error: "method not allowed" });
  const chunks: Buffer[] = [];
  let size = 0;
  request.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) chunks.push(chunk);
  });
  request.on("end", () => {
    if (size > MAX_BODY_BYTES) return answer(response, 413, { error: "body too large" });
    const rawBody = Buffer.concat(chunks);
    if (!isSigned(request, rawBody)) return answer(response, 401, { error: "invalid signature" });
    let content: unknown;
    try {
      content = JSON.parse(rawBody.toString("utf8")).message.content;
    } catch {
      return answer(response, 400, { error: "invalid payload" });
    }
    answer(response, 200, { reply: `Echo: ${content}` });
  });
});
server.listen(Number(PORT), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));

function isSigned(request: IncomingMessage, rawBody: Buffer): boolean {
  const timestamp = request.headers["x-timestamp"];
  const signature = request.headers["x-signature"];
  if (typeof timestamp !== "string" || typeof signature !== "string" || !/^\d{1,12}$/.test(timestamp)) return false;
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
  const expected = Buffer.from(`sha256=${createHmac("sha256", secret).update(`${timestamp}.`).update(rawBody).digest("hex")}`);
  const given = Buffer.from(signature);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

function answer(response: ServerResponse, status: number, value: object): void {
  const body = JSON.stringify(value);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(body) }).end(body);
}
