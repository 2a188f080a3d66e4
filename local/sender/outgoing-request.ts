import { percentDecoded } from "../percent-decoded.ts";
import { type Body, bodyBytes, mapText } from "./body.ts";
import { type Hash, hmac } from "./hmac.ts";
import { escaped } from "./json-forms.ts";

/**
 * One request as data. It also says how the request is signed, so that a shell command can make the request again.
 * Header values and the signed time may contain the shell variables below.
 */
export interface OutgoingRequest {
  readonly url: URL;
  readonly method: string;
  /** All headers, also Host and Content-Length: nothing is added or reordered. */
  readonly headers: readonly Header[];
  readonly body: Body;
  readonly signing?: Signing;
  /** Send the body in HTTP chunks of this many bytes. */
  readonly chunkBytes?: number;
  /** A sentence about the part that curl cannot repeat. */
  readonly note?: string;
}

export type Header = readonly [name: string, value: string];

export interface Signing {
  /** The bytes that are signed. They may differ from the body. */
  readonly over: Body;
  /** A key other than the webhook's secret. */
  readonly key?: string;
  /** Seconds that are added to the clock. */
  readonly offset?: number;
  /** The timestamp that is signed and sent. It contains {@link NOW}. */
  readonly time?: string;
  /** What is signed before `over`: with variables, and by default {@link TIME} and a dot. */
  readonly start?: string;
  /** A hash other than SHA-256. */
  readonly hash?: Hash;
}

const variable = (expression: string) => `\${${expression}}`;
/** The Unix time in seconds, plus the offset. */
export const NOW = variable("NOW");
export const TIME = variable("TIME");
export const SIGNATURE = variable("SIGNATURE");
/** Another digit in each place of the signature. */
export const OTHER = variable("OTHER");
export const UPPER = variable("UPPER");
export const BASE64 = variable("BASE64");
export const LENGTH = variable("LENGTH");

/** The characters of a variable's value from one place to another. */
export const between = (of: string, from: number, to: number) => of.replace("}", `:${from}:${to - from}}`);

/** A well-formed signature that matches nothing. */
export const WRONG_SIGNATURE = `sha256=${"0".repeat(64)}`;

/** What the signature covers before the body, unless a request says otherwise. */
export const START = `${TIME}.`;

export interface MainAppRequestParts {
  readonly url: URL;
  readonly body: Body;
  readonly appId?: string;
  readonly threadId?: string;
  /** Sign the escaped form of the body, as the main app does. */
  readonly signed: boolean;
}

/** A request with the main app's headers, in its order and case. */
export function mainAppRequest({ url, body, appId, threadId, signed }: MainAppRequestParts): OutgoingRequest {
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

/** `request` with a header set, in its old place or else last. Without a value, the header is removed. */
export function withHeader(request: OutgoingRequest, name: string, value: string | undefined): OutgoingRequest {
  const same = ([key]: Header) => key.toLowerCase() === name.toLowerCase();
  if (value === undefined) return { ...request, headers: request.headers.filter((header) => !same(header)) };
  if (!request.headers.some(same)) return { ...request, headers: [...request.headers, [name, value]] };
  return { ...request, headers: request.headers.map((header) => (same(header) ? [header[0], value] : header)) };
}

/** `request` with one more header at the end, even if it has one of that name already. */
export function withExtraHeader(request: OutgoingRequest, ...header: Header): OutgoingRequest {
  return { ...request, headers: [...request.headers, header] };
}

/** `request` signed as the main app signs: for headers that have {@link TIME} and {@link SIGNATURE} already. */
export function signedFrom(request: OutgoingRequest): OutgoingRequest {
  return { ...request, signing: { over: [escaped(bodyBytes(request.body).toString())] } };
}

/** `request` signed in another way. An unsigned request stays unsigned. */
export function signedAgain(request: OutgoingRequest, changes: Partial<Signing>): OutgoingRequest {
  return request.signing ? { ...request, signing: { ...request.signing, ...changes } } : request;
}

/** The values of the variables, for a request that is sent now. */
export function variablesOf(request: OutgoingRequest, secret: string | undefined): Record<string, string> {
  const values: Record<string, string> = { LENGTH: String(bodyBytes(request.body).length) };
  const { signing } = request;
  if (!signing) return values;
  const now = String(Math.floor(Date.now() / 1000) + (signing.offset ?? 0));
  const time = (signing.time ?? NOW).replace(NOW, now);
  const start = withValues(signing.start ?? START, { NOW: now, TIME: time });
  const digest = hmac(signing.hash ?? "sha256", signing.key ?? secret ?? "", start, bodyBytes(signing.over));
  const signature = digest.toString("hex");
  return {
    ...values,
    NOW: now,
    TIME: time,
    SIGNATURE: signature,
    OTHER: signature.replace(/./g, (digit) => ((Number.parseInt(digit, 16) + 1) % 16).toString(16)),
    UPPER: signature.toUpperCase(),
    BASE64: digest.toString("base64"),
  };
}

/** The exact bytes of the request. `secret` signs it, unless the request has its own key. */
export function wireBytes(request: OutgoingRequest, secret: string | undefined): Buffer {
  const values = variablesOf(request, secret);
  const path = `${request.url.pathname}${request.url.search}`;
  const lines = request.headers.map(([name, value]) => `${name}: ${withValues(value, values)}`);
  const head = Buffer.from(`${[`${request.method} ${path} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`);
  const body = bodyBytes(request.body);
  return Buffer.concat([head, request.chunkBytes ? chunked(body, request.chunkBytes) : body]);
}

function withValues(template: string, values: Record<string, string>): string {
  return template.replace(/\$\{([A-Z0-9]+)(?::(\d+):(\d+))?\}/g, (found, name: string, from?: string, count?: string) => {
    const value = values[name] ?? found;
    return from === undefined ? value : value.slice(Number(from), Number(from) + Number(count));
  });
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
  return `Basic ${Buffer.from(`${percentDecoded(username)}:${percentDecoded(password)}`).toString("base64")}`;
}

/** `request` with its timestamp and signature filled in now: sent twice, it has the same bytes twice. */
export function signedNow(request: OutgoingRequest, secret: string | undefined): OutgoingRequest {
  const { LENGTH: _, ...values } = variablesOf(request, secret);
  return { ...request, headers: request.headers.map(([name, value]) => [name, withValues(value, values)]) };
}
