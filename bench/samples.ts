import { signatureDigest } from "../local/sender/hmac.ts";
import { escaped } from "../local/sender/json-forms.ts";
import { mainAppPayload } from "../local/sender/payload.ts";
import { SECRET } from "./sides/in-process.ts";

export const TEXTS = {
  ASCII: "Where is my parcel? It should have been here by now. ",
  "multi-byte": "Wo bleibt mein Päckchen? 荷物はどこですか。📦 ",
};

/** A request, signed now over the escaped form of its body, as the main app does. */
export function signed(body: string) {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = `sha256=${signatureDigest(SECRET, timestamp, Buffer.from(escaped(body))).toString("hex")}`;
  const headers = { "content-type": "application/json", "x-timestamp": timestamp, "x-signature": signature };
  return { method: "POST", headers, body } as const;
}

/** The JSON of a message with this content. */
export function jsonWith(content: string): string {
  return JSON.stringify(mainAppPayload({ content, historyTail: [] }));
}

/** The JSON of a message that repeats `text`. Its UTF-8 form has `size` bytes. */
export function jsonOfSize(size: number, text: string): string {
  const room = size - Buffer.byteLength(jsonWith(""));
  const content = text.repeat(room / Buffer.byteLength(text));
  return jsonWith(content + ".".repeat(room - Buffer.byteLength(content)));
}

/** The JSON of a message with so many earlier ones in its thread. */
export function jsonWithHistory(length: number): string {
  const entry = (index: number) => ({ role: index % 2 ? "user" : "assistant", content: TEXTS.ASCII, content_json: {} });
  return JSON.stringify(
    mainAppPayload({ content: TEXTS.ASCII, historyTail: Array.from({ length }, (_, index) => entry(index)) }),
  );
}
