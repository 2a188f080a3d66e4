import type { Exchange } from "../../http/exchange.ts";
import { NIL_ID, PATIENCE_MS } from "../../sender/main-app.ts";
import { InternalError } from "../http-error.ts";
import { testPayloadJson } from "../payload.ts";
import { firstCharacters } from "../python/decode.ts";
import { parsePythonJson } from "../python/parse-json.ts";
import { compactJson } from "../python/text.ts";
import { microsecondsNow } from "../python/time.ts";
import { dict, type PythonValue } from "../python/value.ts";
import type { App } from "../store/records.ts";
import { textIn } from "./answer.ts";
import { Call, UrlRefused } from "./call.ts";
import type { RunContext } from "./thread-run.ts";

const SHOWN_BY_TEST = 2000;

export interface TestResult {
  readonly ok: boolean;
  readonly status_code?: number;
  readonly latency_ms?: number;
  readonly error?: string;
  readonly response_json?: PythonValue;
  readonly response_text?: string;
  readonly signature_sent?: boolean;
}

/**
 * `POST …/webhook/test`: the URL of the form, the stored secret, always 8 s, and nothing is stored (observed). Returns the
 * body of the answer. Throws an InternalError where the main app answers 500.
 */
export async function testButton({ observe }: RunContext, app: App, url: string, content: string): Promise<string> {
  const startedAt = performance.now();
  const latency = () => Math.floor(performance.now() - startedAt);
  const sent = { signature_sent: Boolean(app.secret) };
  let call: Call | undefined;
  try {
    const at = microsecondsNow();
    const json = testPayloadJson(app, content, at);
    call = new Call({ route: "test", app, url, threadId: NIL_ID, json, at, timeoutMs: PATIENCE_MS, observe });
    const exchange = await call.send();
    return ended(call, testResultOf(exchange, { latency_ms: latency(), ...sent }));
  } catch (error) {
    call?.end(error);
    if (error instanceof UrlRefused) return testAnswer({ ok: false, error: error.message });
    if (call || !(error instanceof InternalError)) throw error;
    // Before the call: a text or a URL that cannot be sent.
    return testAnswer({ ok: false, latency_ms: latency(), error: "WEBHOOK_TEST_CONNECTION_ERROR", ...sent });
  }
}

/** What it makes of an answer (observed). */
export function testResultOf(
  exchange: Exchange,
  common: Required<Pick<TestResult, "latency_ms" | "signature_sent">>,
): TestResult {
  const { failure, answer } = exchange;
  if (failure?.kind === "timeout") return { ok: false, ...common, error: "WEBHOOK_TEST_TIMEOUT" };
  if (!answer || failure) return { ok: false, ...common, error: "WEBHOOK_TEST_CONNECTION_ERROR" };
  const value = jsonIn(answer.body);
  const seen = { ...common, status_code: answer.status };
  const text = { response_text: firstCharacters(textIn(exchange), SHOWN_BY_TEST) };
  if (answer.status === 200 && value === null) return { ok: false, ...seen, error: "WEBHOOK_TEST_NOT_JSON", ...text };
  // Its own answer has no place for a list or a scalar, and it takes that for an error of the connection.
  if (value !== null && !(value instanceof Map)) return { ok: false, ...common, error: "WEBHOOK_TEST_CONNECTION_ERROR" };
  const shown = { ...seen, response_json: withoutNaN(value) };
  if (answer.status !== 200) return { ok: false, ...shown, error: "WEBHOOK_TEST_BAD_STATUS", ...text };
  if (!value?.has("reply")) return { ok: false, ...shown, error: "WEBHOOK_TEST_MISSING_REPLY" };
  return { ok: true, ...shown };
}

function ended(call: Call, result: TestResult): string {
  const text = testAnswer(result);
  call.result(text);
  call.end();
  return text;
}

function jsonIn(body: Uint8Array): PythonValue {
  try {
    return parsePythonJson(body);
  } catch {
    return null;
  }
}

/** In this answer alone, NaN and the infinities become null (observed). */
function withoutNaN(value: PythonValue): PythonValue {
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(withoutNaN);
  return value instanceof Map ? new Map([...value].map(([key, member]) => [key, withoutNaN(member)])) : value;
}

/** The body of its answer: these members, in this order (observed). */
export function testAnswer({ ok, latency_ms = 0, signature_sent = false, ...result }: TestResult): string {
  const { status_code, error = null, response_json = null, response_text = null } = result;
  const status = status_code === undefined ? null : BigInt(status_code);
  const shown = { error, response_json, response_text, signature_sent };
  return compactJson(dict({ ok, status_code: status, latency_ms: BigInt(latency_ms), ...shown }));
}
