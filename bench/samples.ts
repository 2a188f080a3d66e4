import { escaped } from "../local/sender/json-forms.ts";

/** A message to be signed and sent, described by what changes the cost of answering it. */
export interface SampleKind {
  readonly size: number;
  readonly text: keyof typeof TEXTS;
}

/** One message on the wire. */
export interface Sample {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: Uint8Array<ArrayBuffer>;
}

export const SECRET = "a-secret-that-only-the-benchmark-knows";

const TEXTS = {
  ASCII: "Where is my parcel? It should have been here by now. ",
  "multi-byte": "Wo bleibt mein Päckchen? 荷物はどこですか。📦 ",
};

const encoder = new TextEncoder();

/**
 * A message of `size` bytes, signed now over its raw body, or over the ASCII-escaped form of it: that is what the main
 * app signs while it sends UTF-8.
 */
export async function signedSample({ size, text }: SampleKind, form: "raw" | "escaped"): Promise<Sample> {
  const json = jsonOfSize(size, TEXTS[text]);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signed = encoder.encode(`${timestamp}.${form === "escaped" ? escaped(json) : json}`);
  const key = await crypto.subtle.importKey("raw", encoder.encode(SECRET), { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signature = new Uint8Array(await crypto.subtle.sign("HMAC", key, signed));
  const body = encoder.encode(json);
  return {
    url: "http://localhost/",
    headers: {
      accept: "*/*",
      "content-length": String(body.length),
      "content-type": "application/json",
      "x-timestamp": timestamp,
      "x-signature": `sha256=${Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join("")}`,
    },
    body,
  };
}

function jsonOfSize(size: number, text: string): string {
  const withContent = (content: string) =>
    JSON.stringify({
      version: "1.0",
      event: "message_received",
      app: { id: "f62591a3-8934-47cc-bd16-e1e800212586", name: "Parcels" },
      thread: { id: "f1292de5-8c37-4d48-8775-29b48eadf84c", customer_id: "customer-1" },
      message: { id: "9dca5c46-fc0b-4c11-8274-e2be46bab9a9", seq: 2, role: "user", content, content_json: {} },
      history_tail: [{ role: "assistant", content: "Hello, how can I help you?", content_json: {} }],
      timestamp: "2026-01-01T12:00:00Z",
    });
  const room = size - encoder.encode(withContent("")).length;
  const repeats = Math.floor(room / encoder.encode(text).length);
  const content = text.repeat(repeats);
  return withContent(content + ".".repeat(room - encoder.encode(content).length));
}
