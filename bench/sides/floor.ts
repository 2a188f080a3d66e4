const [encoder, decoder] = [new TextEncoder(), new TextDecoder()];

export function importKey(secret: string): Promise<CryptoKey> {
  return crypto.subtle.importKey("raw", encoder.encode(secret), { name: "HMAC", hash: "SHA-256" }, false, ["sign", "verify"]);
}

/**
 * The least work to verify a body with Web Crypto and to answer. A body that does not match is compared in its escaped form,
 * which is made before.
 */
export async function createFloor(secret: string, escapedBody?: Uint8Array) {
  const key = await importKey(secret);
  return async (request: Request) => {
    const body = new Uint8Array(await request.arrayBuffer());
    const prefix = encoder.encode(`${request.headers.get("x-timestamp")}.`);
    const digits = request.headers.get("x-signature")?.slice("sha256=".length).match(/../g) ?? [];
    const signature = Uint8Array.from(digits, (pair) => Number.parseInt(pair, 16));
    const isSigned = (form: Uint8Array) => crypto.subtle.verify("HMAC", key, signature, joined(prefix, form));
    if ((await isSigned(body)) || (escapedBody && (await isSigned(escapedBody)))) return new Response(echoOf(body));
    return new Response("refused", { status: 401 });
  };
}

/** The bytes of both, in one array. The body lies at a multiple of eight, because workerd copies to any other place slowly. */
export function joined(prefix: Uint8Array, body: Uint8Array): Uint8Array<ArrayBuffer> {
  const bodyStart = Math.ceil(prefix.length / 8) * 8;
  const message = new Uint8Array(bodyStart + body.length);
  message.set(prefix, bodyStart - prefix.length);
  message.set(body, bodyStart);
  return message.subarray(bodyStart - prefix.length);
}

/** The answer to a body, as `echo` gives it. */
export function echoOf(body: ArrayBuffer | Uint8Array): string {
  return JSON.stringify({ reply: `Echo: ${JSON.parse(decoder.decode(body)).message.content}` });
}
