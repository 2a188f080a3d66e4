import { createApp } from "../shared/app.ts";
import { SECRET } from "./samples.ts";

/** One way to answer a signed message. */
export type Side = (request: Request) => Response | Promise<Response>;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What is deployed: Hono's dispatch and the whole pipeline, without the log's output. */
export function createPipelineSide(): Side {
  const app = createApp({ env: { WEBHOOK_SECRET: SECRET }, log: () => {} });
  return (request) => app.fetch(request);
}

/** What nobody can avoid who answers a signed message with Web Crypto: the pipeline's floor. */
export async function createFloorSide(): Promise<Side> {
  const key = await crypto.subtle.importKey("raw", encoder.encode(SECRET), { name: "HMAC", hash: "SHA-256" }, false, [
    "verify",
  ]);
  return async (request) => {
    const body = new Uint8Array(await request.arrayBuffer());
    const prefix = encoder.encode(`${request.headers.get("x-timestamp")}.`);
    const message = new Uint8Array(prefix.length + body.length);
    message.set(prefix);
    message.set(body, prefix.length);
    const signature = fromHex((request.headers.get("x-signature") ?? "").slice("sha256=".length));
    if (!(await crypto.subtle.verify("HMAC", key, signature, message))) return new Response(null, { status: 401 });
    const payload = JSON.parse(decoder.decode(body));
    return new Response(JSON.stringify({ reply: `Echo: ${payload.message.content}` }));
  };
}

function fromHex(digits: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(digits.length / 2);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return bytes;
}
