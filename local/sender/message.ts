import { type Body, bodyBytes, mapText } from "./body.ts";
import { signatureDigest } from "./hmac.ts";
import { escaped } from "./json-forms.ts";

/**
 * One request, as data: what goes over the wire, and enough about how it came to be signed to show a command that
 * makes it again. Header values and the signed time may hold the shell variables below.
 */
export interface Message {
  readonly url: URL;
  readonly method: string;
  /** Host and Content-Length included: nothing is added or reordered. */
  readonly headers: readonly Header[];
  readonly body: Body;
  readonly signing?: Signing;
  /** Send the body in HTTP chunks, cut every so many bytes. */
  readonly chunkBytes?: number;
  /** What a command line tool cannot repeat, in words. */
  readonly note?: string;
}

export type Header = readonly [name: string, value: string];

export interface Signing {
  /** The bytes that are signed in place of the body. */
  readonly over: Body;
  /** A key other than the webhook's secret. */
  readonly key?: string;
  /** Seconds to add to the clock. */
  readonly offset?: number;
  /** The timestamp that is signed and sent, around {@link NOW}. */
  readonly time?: string;
}

const variable = (expression: string) => `\${${expression}}`;
/** The Unix time in seconds, moved by the offset. */
export const NOW = variable("NOW");
export const TIME = variable("TIME");
export const SIGNATURE = variable("SIGNATURE");
export const SIGNATURE_CUT = variable("SIGNATURE%?");
export const UPPER = variable("UPPER");
export const BASE64 = variable("BASE64");
export const LENGTH = variable("LENGTH");

export interface MainAppRequest {
  readonly url: URL;
  readonly body: Body;
  readonly appId?: string;
  readonly threadId?: string;
  /** Sign it over what the main app signs: the escaped form of the body. */
  readonly signed: boolean;
}

/** A request with the main app's headers, in its order and case. */
export function mainAppMessage({ url, body, appId, threadId, signed }: MainAppRequest): Message {
  const headers: Header[] = [
    ["Host", url.host],
    ["Accept", "*/*"],
    ["Accept-Encoding", "gzip, deflate"],
    ["Connection", "keep-alive"],
    ["User-Agent", "python-httpx/0.28.1"],
    ["Content-Type", "application/json"],
  ];
  if (appId !== undefined) headers.push(["X-App-Id", appId]);
  if (threadId !== undefined) headers.push(["X-Thread-Id", threadId]);
  if (signed) headers.push(["X-Timestamp", TIME], ["X-Signature", `sha256=${SIGNATURE}`]);
  headers.push(["Content-Length", LENGTH]);
  if (url.username || url.password) headers.push(["Authorization", basicAuthorization(url)]);
  return { url, method: "POST", headers, body, ...(signed && { signing: { over: mapText(body, escaped) } }) };
}

/** `message` with a header set, where it stood or else last, or taken away. */
export function withHeader(message: Message, name: string, value: string | undefined): Message {
  const same = ([key]: Header) => key.toLowerCase() === name.toLowerCase();
  if (value === undefined) return { ...message, headers: message.headers.filter((header) => !same(header)) };
  if (!message.headers.some(same)) return { ...message, headers: [...message.headers, [name, value]] };
  return { ...message, headers: message.headers.map((header) => (same(header) ? [header[0], value] : header)) };
}

/** `message` with one more header at the end, also where it has one of that name. */
export function withExtraHeader(message: Message, ...header: Header): Message {
  return { ...message, headers: [...message.headers, header] };
}

/** `message` with other values of how it is signed. An unsigned message stays unsigned. */
export function resigned(message: Message, changes: Partial<Signing>): Message {
  return message.signing ? { ...message, signing: { ...message.signing, ...changes } } : message;
}

/** The values that stand for the variables in a message that is sent now. */
export function variablesOf(message: Message, secret: string | undefined): Record<string, string> {
  const values: Record<string, string> = { LENGTH: String(bodyBytes(message.body).length) };
  const { signing } = message;
  if (!signing) return values;
  const now = String(Math.floor(Date.now() / 1000) + (signing.offset ?? 0));
  const time = (signing.time ?? NOW).replace(NOW, now);
  const digest = signatureDigest(signing.key ?? secret ?? "", time, bodyBytes(signing.over));
  const signature = digest.toString("hex");
  return {
    ...values,
    NOW: now,
    TIME: time,
    SIGNATURE: signature,
    "SIGNATURE%?": signature.slice(0, -1),
    UPPER: signature.toUpperCase(),
    BASE64: digest.toString("base64"),
  };
}

/** The exact bytes of the request. `secret` signs it, where no other key is asked for. */
export function wireBytes(message: Message, secret: string | undefined): Buffer {
  const values = variablesOf(message, secret);
  const path = `${message.url.pathname}${message.url.search}`;
  const lines = message.headers.map(([name, value]) => `${name}: ${filled(value, values)}`);
  const head = Buffer.from(`${[`${message.method} ${path} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`);
  const body = bodyBytes(message.body);
  return Buffer.concat([head, message.chunkBytes ? chunked(body, message.chunkBytes) : body]);
}

export function filled(template: string, values: Record<string, string>): string {
  return template.replace(/\$\{([A-Z0-9]+(?:%\?)?)\}/g, (found, name: string) => values[name] ?? found);
}

function chunked(body: Buffer, size: number): Buffer {
  const chunks: Buffer[] = [];
  for (let at = 0; at < body.length; at += size) {
    const part = body.subarray(at, at + size);
    chunks.push(Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from("\r\n"));
  }
  return Buffer.concat([...chunks, Buffer.from("0\r\n\r\n")]);
}

function basicAuthorization({ username, password }: URL): string {
  return `Basic ${Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64")}`;
}

/** `message` with its timestamp and signature fixed to now: sent twice, it is the same bytes twice. */
export function frozen(message: Message, secret: string | undefined): Message {
  const { LENGTH: _, ...values } = variablesOf(message, secret);
  return { ...message, headers: message.headers.map(([name, value]) => [name, filled(value, values)]) };
}
