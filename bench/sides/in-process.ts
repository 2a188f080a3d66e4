import { createApp } from "../../shared/app.ts";

export const SECRET = "a-secret-that-only-the-benchmark-knows";

const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];
// What is deployed: Hono's dispatch and the whole pipeline, without the log's output.
const pipeline = createApp({ env: { WEBHOOK_SECRET: SECRET }, log: () => {} });
let key: CryptoKey | undefined;

/** Has a message answered `?times=`, by the pipeline or on `/floor` by its floor; gives the microseconds of each. */
export async function answerMany(message: Request, clock: () => number): Promise<Response> {
  const { pathname, searchParams } = new URL(message.url);
  const [answer, { headers }, body] = [pathname === "/floor" ? floor : pipeline.fetch, message, await message.arrayBuffer()];
  // Building the requests is the benchmark's own cost.
  const newRequest = () => new Request("http://localhost/", { method: "POST", headers, body });
  const requests = Array.from({ length: Number(searchParams.get("times")) }, newRequest);
  let text = "";
  const startedAt = clock();
  for (const request of requests) text = await (await answer(request)).text();
  const microseconds = ((clock() - startedAt) * 1000) / requests.length;
  return text === echoOf(body) ? Response.json(microseconds) : new Response(text, { status: 500 });
}

/** What nobody can avoid who answers a signed message with Web Crypto. */
async function floor(request: Request): Promise<Response> {
  key ??= await crypto.subtle.importKey("raw", encoder.encode(SECRET), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const body = new Uint8Array(await request.arrayBuffer());
  const prefix = encoder.encode(`${request.headers.get("x-timestamp")}.`);
  const message = new Uint8Array(prefix.length + body.length);
  message.set(prefix);
  message.set(body, prefix.length);
  const digits = request.headers.get("x-signature")?.slice("sha256=".length).match(/../g) ?? [];
  const signature = Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16));
  if (!(await crypto.subtle.verify("HMAC", key, signature, message))) return new Response("refused", { status: 401 });
  return new Response(echoOf(body));
}

function echoOf(body: AllowSharedBufferSource): string {
  return JSON.stringify({ reply: `Echo: ${JSON.parse(decoder.decode(body)).message.content}` });
}
