// @ts-nocheck Express is installed only for the test.
/** A webhook in Express: `node express_webhook.mjs`. */
import { createHmac, timingSafeEqual } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import express from "express";

const { PORT, WEBHOOK_SECRET } = process.env;
const NIL_ID = "00000000-0000-0000-0000-000000000000";

const app = express();
app.get("/", (_request, response) => response.type("text").send("The webhook is up.\n"));

for (const path of ["/", "/stream"]) {
  app.post(
    path,
    (request, response, next) => (request.is("application/json") ? next() : response.status(415).json({ error: "JSON only" })),
    express.raw({ type: () => true, limit: 1_048_576 }),
    async (request, response) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const problem = signatureProblem(request, body);
      if (problem) return response.status(401).json({ error: problem });
      let payload;
      try {
        payload = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
      } catch {
        return response.status(400).json({ error: "not JSON" });
      }
      if (payload?.event !== "message_received" || typeof payload.message?.content !== "string")
        return response.status(422).json({ error: "no message" });
      const reply = `You said: ${payload.message.content}`.replaceAll("\0", "").toWellFormed();
      if (path === "/" || payload.thread?.id === NIL_ID) return response.json({ reply });
      await stream(response, reply);
    },
  );
  app.all(path, (_request, response) => response.set("Allow", "GET, POST").status(405).end());
}

// Express's own body errors carry their status.
app.use((error, _request, response, _next) => response.status(error.status ?? 500).json({ error: error.type ?? "failed" }));
app.listen(Number(PORT), "127.0.0.1");

function signatureProblem({ headersDistinct }, body) {
  const { "x-signature": signatures = [], "x-timestamp": timestamps = [] } = headersDistinct;
  const digits = /^sha256=([0-9a-f]{64})$/i.exec(signatures[0] ?? "")?.[1];
  if (signatures.length !== 1 || !digits) return "signature missing or malformed";
  if (timestamps.length !== 1 || !/^[0-9]{1,12}$/.test(timestamps[0])) return "timestamp missing or malformed";
  if (Math.abs(Math.floor(Date.now() / 1000) - Number(timestamps[0])) > 300) return "timestamp outside tolerance";
  const text = body.toString();
  const compact = text.replace(/("(?:\\.|[^"\\])*")|[ \t\r\n]+/gs, (_, string) => string ?? "");
  const matches = [body, escaped(text), escaped(compact)].some((form) => {
    const digest = createHmac("sha256", WEBHOOK_SECRET).update(`${timestamps[0]}.`).update(form).digest();
    return timingSafeEqual(digest, Buffer.from(digits, "hex"));
  });
  return matches ? undefined : "signature mismatch";
}

function escaped(text) {
  return text.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

async function stream(response, reply) {
  response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" });
  const characters = [...reply];
  for (let at = 0; at < characters.length && !response.closed; at += 50) {
    const text = characters.slice(at, at + 50).join("");
    response.write(`event: delta\ndata: ${escaped(JSON.stringify({ text }))}\n\n`);
    await sleep(1);
  }
  await sleep(20);
  response.end('event: done\ndata: {"status":"completed"}\n\n');
}
