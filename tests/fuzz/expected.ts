import { NIL_ID } from "../../local/sender/main-app.ts";
import { cleanText } from "../../shared/json-text.ts";
import type { ProblemCode } from "../../shared/problem.ts";
import { isJson, type Plan, signerOf, textOf, timestampOf } from "./plans.ts";
import { OWN_APP } from "./secrets.ts";

/** What the contract wants for a request: a page, a refusal, or a message's answer. */
export type Expected =
  | { readonly page: true }
  | { readonly code: ProblemCode }
  | { readonly text: string; readonly stream: boolean | undefined };

type Json = Record<string, unknown>;

const METHODS: Json = { "/": ["GET", "POST"], "/stream": ["POST"], "/health": ["GET", "HEAD"], "/openapi.json": ["GET"] };

/** docs/contract.md once more, in its order and as plainly as possible. `isSigned`: whether the webhook has secrets. */
export function expectedOf(plan: Plan, now: number, isSigned = true): Expected {
  const route = plan.path.replace(/[?#].*/s, "");
  const methods = METHODS[route] as string[] | undefined;
  if (!methods) return { code: "not_found" };
  if (!methods.includes(plan.method)) return { code: "method_not_allowed" };
  if (plan.method !== "POST") return { page: true };
  const code = refusalOf(plan, now, isSigned);
  if (code) return { code };

  const { message, thread } = JSON.parse(textOf(plan.body) as string);
  return { text: `Echo: ${cleanText(message.content)}`, stream: isStreamed(plan, route, thread.id) };
}

function refusalOf(plan: Plan, now: number, isSigned: boolean): ProblemCode | undefined {
  const type = plan.contentType?.split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") return "content_type_unsupported";
  if (plan.body.length > 2 ** 20) return "body_too_large";
  return (isSigned ? signatureRefusal(plan, now) : undefined) ?? bodyRefusal(plan, isSigned);
}

function signatureRefusal(plan: Plan, now: number): ProblemCode | undefined {
  const timestamp = timestampOf(plan, now);
  if (plan.signature === "missing" || plan.signature === "empty") return "signature_missing";
  if (!timestamp) return "timestamp_missing";
  if (!["right", "upper case", "one bit"].includes(plan.signature)) return "signature_malformed";
  if (timestamp.length > 12 || !Array.from(timestamp).every((char) => "0123456789".includes(char)))
    return "timestamp_malformed";
  if (Math.abs(now - Number(timestamp)) > 300) return "timestamp_outside_tolerance";
  const accepted = plan.appHeader === OWN_APP ? ["own"] : ["current", "previous"];
  return plan.signature === "one bit" || !accepted.includes(signerOf(plan)) ? "signature_mismatch" : undefined;
}

function bodyRefusal({ body, appHeader }: Plan, isSigned: boolean): ProblemCode | undefined {
  const text = textOf(body);
  if (text === undefined) return "body_not_utf8";
  if (!isJson(text)) return "body_not_json";
  const payload = JSON.parse(text);
  if (!isObject(payload)) return "payload_invalid";
  const { event, app, thread, message } = payload;
  if (typeof event === "string" && event !== "message_received") return "event_unsupported";
  const holds = [
    typeof event === "string",
    isObject(app) && isId(app.id) && isText(app.name, null),
    isObject(thread) && isId(thread.id) && isText(thread.customer_id, null),
    isObject(message) && typeof message.content === "string" && isText(message.id) && isText(message.role),
    isObject(message) && (message.seq === undefined || Number.isInteger(message.seq)),
    isText(payload.version) && isText(payload.timestamp) && isHistory(payload.history_tail),
  ];
  if (!holds.every(Boolean)) return "payload_invalid";
  const speaksForItself = (appHeader === OWN_APP) === ((app as Json).id === OWN_APP);
  return isSigned && !speaksForItself ? "signature_mismatch" : undefined;
}

/** JSON.parse gives objects their own keys only, `__proto__` too, so a field that is not there is undefined. */
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);
const isId = (value: unknown) => typeof value === "string" && value !== "";
const isText = (value: unknown, orElse?: null) => value === undefined || typeof value === "string" || value === orElse;
const isHistory = (list: unknown) =>
  list === undefined || (Array.isArray(list) && list.every((entry) => isObject(entry) && isString(entry.role, entry.content)));
const isString = (...values: unknown[]) => values.every((value) => typeof value === "string");

function isStreamed({ accept: [, accepts] }: Plan, route: string, threadId: unknown): boolean | undefined {
  if (accepts === "any") return undefined;
  if (route === "/") return accepts === "stream";
  return accepts === "stream" || accepts === "both" || (accepts === "nothing" && threadId !== NIL_ID);
}
