import * as fc from "fast-check";
import { escaped, signature } from "../support/signing.ts";
import type { ExactRequest } from "../support/target.ts";
import { CANARY, rawBody } from "./bodies.ts";
import { OWN_APP, SECRETS, type Signer } from "./secrets.ts";

/** What the Accept header asks for, or `any` if that is not foreseen. */
export type Accepts = "json" | "stream" | "both" | "nothing" | "any";

const visible = fc.stringMatching(/^[!-~]([ -~]{0,30}[!-~])?$/);
/** Header values that node:http, workerd and `Headers` pass on unchanged. */
const anyValue = fc.oneof(visible, fc.constantFrom(CANARY, "0", "null", "x".repeat(2000)));

/** A request to be made and signed. It is plain data, so that a failure prints what was sent. */
export const plan = fc.record({
  method: fc.oneof(
    { weight: 12, arbitrary: fc.constant("POST") },
    fc.constantFrom("GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"),
  ),
  path: fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom("/", "/stream", `/?${CANARY}=1`, `/stream?${CANARY}`) },
    {
      weight: 2,
      arbitrary: fc.constantFrom("/health", "/openapi.json", "/stream/", "/STREAM", "/%73tream", `/${CANARY}`, "/%", "/a//b"),
    },
    { weight: 1, arbitrary: fc.webPath().filter((path) => /^\/\w/.test(path)) },
  ),
  contentType: fc.oneof(
    {
      weight: 30,
      arbitrary: fc.constantFrom(
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON",
        "application/json ;q",
      ),
    },
    fc.constantFrom(undefined, "", "text/plain", "application/jsonp", "application/problem+json", "text/json", CANARY),
    anyValue,
  ),
  accept: fc.oneof(
    {
      weight: 8,
      arbitrary: fc.constantFrom<readonly [string | undefined, Accepts]>(
        ["*/*", "nothing"],
        [undefined, "nothing"],
        ["text/html", "nothing"],
        ["application/json", "json"],
        ["text/event-stream", "stream"],
        ["text/event-stream, application/json;q=0.5", "both"],
        ["text/event-stream;q=0, application/json", "json"],
        ["TEXT/event-stream;q=0.1", "stream"],
      ),
    },
    anyValue.map((value) => [value, "any"] as const),
  ),
  appHeader: fc.oneof({ weight: 8, arbitrary: fc.constantFrom(undefined, undefined, undefined, OWN_APP) }, anyValue),
  /** By default, one of the App that the header names. */
  signer: fc.oneof(
    { weight: 12, arbitrary: fc.constant(undefined) },
    fc.constantFrom<Signer>("current", "previous", "own", "stranger"),
  ),
  form: fc.constantFrom<Form>("raw", "raw", "escaped", "compact"),
  signature: fc.oneof(
    { weight: 16, arbitrary: fc.constantFrom<SignatureKind>("right", "right", "upper case") },
    fc.constantFrom<SignatureKind>(
      "missing",
      "empty",
      "one bit",
      "63 digits",
      "65 digits",
      "bare",
      "SHA256",
      "a list",
      "twice",
    ),
  ),
  /** A timestamp as text, or its distance from now in seconds. */
  timestamp: fc.oneof(
    { weight: 16, arbitrary: fc.constantFrom<number | string | undefined>(0, 1, -280, 280) },
    fc.constantFrom<number | string | undefined>(
      undefined,
      "",
      320,
      -320,
      1e9,
      "1e9",
      "-1",
      "+1",
      "0x10",
      "1.0",
      "1,1",
      "9".repeat(13),
    ),
    anyValue,
  ),
  more: fc.array(fc.tuple(fc.constantFrom("X-Other", "X-Forwarded-Proto", "Cookie", "Authorization"), anyValue), {
    maxLength: 2,
  }),
  body: rawBody,
});
export type Plan = typeof plan extends fc.Arbitrary<infer T> ? T : never;
type Form = "raw" | "escaped" | "compact";
type SignatureKind =
  | "right"
  | "upper case"
  | "missing"
  | "empty"
  | "one bit"
  | "63 digits"
  | "65 digits"
  | "bare"
  | "SHA256"
  | "a list"
  | "twice";

/** Who signs the request of a plan. */
export function signerOf({ signer, appHeader }: Plan): Signer {
  return signer ?? (appHeader === OWN_APP ? "own" : "current");
}

/** The timestamp header of a plan. */
export function timestampOf({ timestamp }: Plan, now: number): string | undefined {
  return typeof timestamp === "number" ? String(now + timestamp) : timestamp;
}

/** The request of a plan, made at `now`, in Unix seconds. */
export async function requestOf(plan: Plan, now: number): Promise<ExactRequest> {
  const { method, path, contentType, accept, appHeader, body, more } = plan;
  const timestamp = timestampOf(plan, now);
  const right = await signature(SECRETS[signerOf(plan)], timestamp ?? "", signedBytes(plan));
  const headers: [string, string | undefined][] = [
    ["Content-Type", contentType],
    ["Accept", accept[0]],
    ["X-App-Id", appHeader],
    ["X-Timestamp", timestamp],
    ...signatures(plan.signature, right).map((value): [string, string] => ["X-Signature", value]),
    ...more,
  ];
  const sent = headers.filter((header): header is [string, string] => header[1] !== undefined);
  const isBodyless = method === "GET" || method === "HEAD";
  return { method, path, headers: sent, body: isBodyless ? new Uint8Array() : body };
}

/** The text of the body; undefined if it is not UTF-8. */
export function textOf(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    return undefined;
  }
}

/** What the sender signs. Only the text of a JSON value has a compact form. */
function signedBytes({ form, body }: Plan): string | Uint8Array {
  const text = textOf(body);
  if (text === undefined || form === "raw") return body;
  return escaped(form === "compact" && isJson(text) ? text.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, "$1") : text);
}

export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function signatures(kind: SignatureKind, right: string): string[] {
  const digits = right.slice("sha256=".length);
  const flipped = (Number.parseInt(digits[9] as string, 16) ^ 1).toString(16);
  const values: Record<SignatureKind, string[]> = {
    right: [right],
    "upper case": [`sha256=${digits.toUpperCase()}`],
    missing: [],
    empty: [""],
    "one bit": [`sha256=${digits.slice(0, 9)}${flipped}${digits.slice(10)}`],
    "63 digits": [right.slice(0, -1)],
    "65 digits": [`${right}0`],
    bare: [digits],
    SHA256: [`SHA256=${digits}`],
    "a list": [`${right}, ${right}`],
    twice: [right, right],
  };
  return values[kind];
}
