import { escaped } from "../../local/sender/json-forms.ts";
import { createApp } from "../../shared/app.ts";
import { echo } from "../../shared/replies/echo.ts";

export const SECRET = "a-secret-that-only-the-benchmark-knows";
const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
// As deployed: Hono's routing and the whole pipeline, but without log output.
const pipeline = createApp({ env: { WEBHOOK_SECRET: SECRET }, reply: echo, log: () => {} });

/** Answers a message `?times=` times, with the pipeline or, on `/floor`, with its floor. Answers with the microseconds of one. */
export async function answerMany(message: Request, clock: () => number): Promise<Response> {
  const { pathname, searchParams } = new URL(message.url);
  const [{ headers }, body] = [message, await message.arrayBuffer()];
  const answer = pathname === "/floor" ? await createFloor(encoder.encode(escaped(decoder.decode(body)))) : pipeline.fetch;
  // Built before the clock starts: this cost is the benchmark's own.
  const newRequest = () => new Request("http://localhost/", { method: "POST", headers, body });
  const requests = Array.from({ length: Number(searchParams.get("times")) }, newRequest);
  let text = "";
  const startedAt = clock();
  for (const request of requests) text = await (await answer(request)).text();
  const microseconds = ((clock() - startedAt) * 1000) / requests.length;
  return text === echoOf(body) ? Response.json(microseconds) : new Response(text, { status: 500 });
}

/** The least work to verify a raw or escaped body with Web Crypto and to answer. The escaped body is made before. */
async function createFloor(escapedBody: Uint8Array) {
  const hmac = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(SECRET), hmac, false, ["verify"]);
  return async (request: Request) => {
    const body = new Uint8Array(await request.arrayBuffer());
    const prefix = encoder.encode(`${request.headers.get("x-timestamp")}.`);
    const digits = request.headers.get("x-signature")?.slice("sha256=".length).match(/../g) ?? [];
    const signature = Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16));
    const isSigned = (form: Uint8Array) => {
      const message = new Uint8Array(prefix.length + form.length);
      message.set(prefix);
      message.set(form, prefix.length);
      return crypto.subtle.verify("HMAC", key, signature, message);
    };
    if ((await isSigned(body)) || (await isSigned(escapedBody))) return new Response(echoOf(body));
    return new Response("refused", { status: 401 });
  };
}

function echoOf(body: AllowSharedBufferSource): string {
  return JSON.stringify({ reply: `Echo: ${JSON.parse(decoder.decode(body)).message.content}` });
}
