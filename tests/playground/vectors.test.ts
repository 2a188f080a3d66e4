import { describe, expect, test } from "vitest";
import { payloadJson, webhookRequest } from "../../local/playground/payload.ts";
import { parsePythonJson } from "../../local/playground/python/parse-json.ts";
import { timeOf } from "../../local/playground/python/time.ts";
import type { PythonDict } from "../../local/playground/python/value.ts";
import type { Message } from "../../local/playground/store/records.ts";
import { wireBytes } from "../../local/sender/outgoing-request.ts";
import current from "../vectors/main-app-requests.json" with { type: "json" };

const SECONDS = 1_000_000;

/** The fields that the recorded body was made of. */
function fieldsOf(json: string) {
  const body = parsePythonJson(json) as PythonDict;
  // biome-ignore lint/suspicious/noExplicitAny: the tests know the body's shape
  const at = (...path: string[]): any => path.reduce((value, key) => (value as any)?.get(key), body as any);
  const entry = (value: PythonDict) => ({
    role: value.get("role") as Message["role"],
    content: value.get("content") as string,
    contentJson: value.get("content_json") as PythonDict,
  });
  return {
    app: { id: at("app", "id"), name: at("app", "name") },
    thread: { id: at("thread", "id"), customerId: at("thread", "customer_id") },
    message: at("message", "id")
      ? { id: at("message", "id"), seq: Number(at("message", "seq")), ...entry(at("message")) }
      : { content: at("message", "content") },
    ...(body.has("history_tail") && { history: at("history_tail").map(entry) }),
    at: timeOf(at("timestamp")),
  };
}

describe("from the fields of a recorded request of the main app", () => {
  test.each(current)("the same bytes are made: $name", ({ secret, path, headers, body_text, body_base64 }) => {
    const fields = fieldsOf(body_text);
    const json = payloadJson(fields);
    expect(json).toBe(body_text);

    const header = Object.fromEntries(headers);
    const [user, password] = Buffer.from((header.Authorization ?? "").slice("Basic ".length), "base64")
      .toString()
      .split(":");
    const url = new URL(path, `http://${header.Host}`);
    if (user) Object.assign(url, { username: user, password });
    const at = "X-Timestamp" in header ? Number(header["X-Timestamp"]) * SECONDS : fields.at;
    const request = webhookRequest({ url, appId: fields.app.id, threadId: fields.thread.id, json, secret, at });
    const head = [`POST ${path} HTTP/1.1`, ...headers.map(([name, value]) => `${name}: ${value}`)].join("\r\n");
    const recorded = Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(body_base64, "base64")]);
    expect(wireBytes(request, secret ?? undefined)).toEqual(recorded);
  });
});
