import current from "../vectors/main-app-requests.json" with { type: "json" };
import older from "../vectors/main-app-requests-older-client.json" with { type: "json" };
import type { ExactRequest } from "./target.ts";

/** A recorded request of the real main app: 99 of today's version, 6 with an older HTTP client. */
export interface Vector {
  name: string;
  route: string;
  secret: string | null;
  method: string;
  path: string;
  headers: string[][];
  body_base64: string;
  body_text: string;
  signed_bytes_base64: string | null;
  signature_form: string | null;
}

export const vectors: Vector[] = [...current, ...older];

/** A time, in Unix seconds, within 300 s of every recorded timestamp. */
export const RECORDED_AT = 1_795_458_797;

export const isSigned = ({ signature_form }: Vector): boolean => signature_form !== null;

/** The recorded request, byte for byte, but with the path of our route. The path is not signed. */
export function requestOf(vector: Vector): ExactRequest {
  return {
    method: vector.method,
    path: vector.route === "stream" ? "/stream" : "/",
    headers: vector.headers.map(([name, value]) => [name ?? "", value ?? ""]),
    body: bytesOf(vector.body_base64),
  };
}

/** The text that an echo reply must repeat. */
export function contentOf(vector: Vector): string {
  return JSON.parse(vector.body_text).message.content;
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

/** The request with one bit changed in its body, in its X-Timestamp or in its X-Signature. */
export function withBitChanged(
  request: ExactRequest,
  where: "body" | "X-Timestamp" | "X-Signature",
  bit: number,
): ExactRequest {
  const flip = (bytes: Uint8Array) => {
    const at = Math.floor(bit / 8) % bytes.length;
    return bytes.with(at, (bytes[at] ?? 0) ^ (1 << (bit % 8)));
  };
  if (where === "body") return { ...request, body: Uint8Array.from(flip(request.body)) };
  const headers = request.headers.map(([name, value]): [string, string] => {
    if (name !== where) return [name, value];
    return [name, String.fromCharCode(...flip(Uint8Array.from(value, (character) => character.charCodeAt(0))))];
  });
  return { ...request, headers };
}
