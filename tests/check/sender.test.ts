import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { bodyBytes, mapText } from "../../local/sender/body.ts";
import { signatureDigest } from "../../local/sender/hmac.ts";
import { compact, escaped, spaced, unescaped } from "../../local/sender/json-forms.ts";
import { mainAppRequest, variablesOf, wireBytes } from "../../local/sender/outgoing-request.ts";
import { fallbackPayload, mainAppPayload, testButtonPayload } from "../../local/sender/payload.ts";
import { isRecord } from "../../shared/json-text.ts";

interface Vector {
  name: string;
  route: string;
  secret: string | null;
  path: string;
  headers: [string, string][];
  body_base64: string;
  signed_bytes_base64: string | null;
}

const vectors: Vector[] = load("main-app-requests");
const olderVectors: Vector[] = load("main-app-requests-older-client");

function load(name: string): Vector[] {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), "utf8"));
}

const bodyOf = ({ body_base64 }: Vector) => Buffer.from(body_base64, "base64");
const header = ({ headers }: Vector, name: string) => headers.find(([key]) => key === name)?.[1];

describe("the sender writes the recorded bytes of the main app", () => {
  test.each(vectors)("$name: headers and body, byte for byte", (vector) => {
    const time = header(vector, "X-Timestamp");
    const ids = { appId: header(vector, "X-App-Id") as string, threadId: header(vector, "X-Thread-Id") as string };
    const url = new URL(vector.path, "http://localhost:8081");
    if (header(vector, "Authorization")) {
      const [name, password] = Buffer.from(header(vector, "Authorization")?.slice(6) as string, "base64")
        .toString()
        .split(":");
      url.username = name as string;
      url.password = password as string;
    }
    const request = mainAppRequest({ url, body: [bodyOf(vector).toString()], signed: time !== undefined, ...ids });
    const secret = vector.secret ?? undefined;
    const sent = wireBytes(time && request.signing ? { ...request, signing: { ...request.signing, time } } : request, secret);
    const head = vector.headers.map(([name, value]) => `${name}: ${value}`).join("\r\n");
    expect(sent.toString()).toBe(`POST ${vector.path} HTTP/1.1\r\n${head}\r\n\r\n${bodyOf(vector)}`);
  });

  test.each(olderVectors.filter(({ signed_bytes_base64 }) => signed_bytes_base64))(
    "$name: the compact form is signed",
    (vector) => {
      const time = header(vector, "X-Timestamp") as string;
      const sent = bodyOf(vector).toString();
      expect(spaced(compact(sent))).toBe(sent);
      const digest = signatureDigest(vector.secret as string, time, Buffer.from(escaped(compact(sent))));
      expect(`sha256=${digest.toString("hex")}`).toBe(header(vector, "X-Signature"));
    },
  );

  test("the payloads have the main app's keys, in its order", () => {
    const shape = (value: object) =>
      JSON.stringify(Object.entries(value).map(([key, inner]) => [key, isRecord(inner) ? Object.keys(inner) : typeof inner]));
    const seen = (name: string) =>
      shape(JSON.parse(bodyOf(vectors.find((vector) => vector.name === name) as Vector).toString()));
    expect(shape(mainAppPayload())).toBe(seen("ascii/sync/signed"));
    expect(shape(testButtonPayload())).toBe(seen("ascii/test/signed"));
    expect(shape(fallbackPayload())).toBe(seen("fallback/sync/signed"));
  });
});

test("escaping does not change the value of the JSON, and unescaping reverses it", () => {
  const json = JSON.stringify({ text: 'café 😀 \u2028 \x7f "\\u00e9" \\' });
  expect(JSON.parse(escaped(json))).toEqual(JSON.parse(json));
  expect(unescaped(escaped(json)).replace("\\u007f", "\x7f")).toBe(json);
});

test("a body in parts has the same bytes as the whole body", () => {
  const parts = ["{", { repeat: "é", times: 3 }, "}"];
  expect(bodyBytes(parts).toString()).toBe("{ééé}");
  expect(bodyBytes(mapText(parts, escaped)).toString()).toBe("{\\u00e9\\u00e9\\u00e9}");
});

test("an unsigned request has only the variable for its length", () => {
  const request = mainAppRequest({ url: new URL("http://localhost/"), body: ["{}"], signed: false });
  expect(variablesOf(request, "secret")).toEqual({ LENGTH: "2" });
});
