import * as v from "valibot";
import { parseJson } from "../json-text.ts";
import { type FieldError, Problem } from "../problem.ts";
import type { Payload } from "../reply-types.ts";
import { PayloadSchema } from "./payload.ts";

const MAX_ERRORS_LISTED = 20;

type Issue = v.InferIssue<typeof PayloadSchema>;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The payload in a verified raw body.
 * Refuses with `body_not_utf8`, `body_not_json`, `payload_invalid` or `event_unsupported`.
 */
export function parsePayload(rawBody: Uint8Array): Payload | Problem {
  let text: string;
  try {
    text = strictUtf8.decode(rawBody);
  } catch {
    return new Problem("body_not_utf8");
  }
  let value: unknown;
  try {
    value = parseJson(text);
  } catch {
    return new Problem("body_not_json");
  }
  const result = v.safeParse(PayloadSchema, value, { abortEarly: true });
  if (result.success) return result.output;
  const [first] = result.issues;
  if (first.path?.[0].key === "event" && typeof first.input === "string") return new Problem("event_unsupported");
  return new Problem("payload_invalid", { errors: fieldErrors(value, first) });
}

/** The wrong fields of a value, `first` among them. Checks only the start of the history, so that a long one stays cheap. */
function fieldErrors(value: unknown, first: Issue): FieldError[] {
  const { issues = [] } = v.safeParse(PayloadSchema, withShortHistory(value));
  const errors = [...issues, first].map(fieldError);
  return [...new Map(errors.map((error) => [error.pointer, error])).values()].slice(0, MAX_ERRORS_LISTED);
}

function withShortHistory(value: unknown): unknown {
  const { history_tail } = (value ?? {}) as { history_tail?: unknown };
  return Array.isArray(history_tail) ? { ...(value as object), history_tail: history_tail.slice(0, MAX_ERRORS_LISTED) } : value;
}

function fieldError({ path, input, message }: Issue): FieldError {
  const steps: readonly v.IssuePathItem[] = path ?? [];
  // Valibot treats a list as an object that lacks its fields.
  const list = steps.findIndex((step) => step.type === "object" && Array.isArray(step.input));
  if (list !== -1) return { detail: "must be an object", pointer: pointerTo(steps.slice(0, list)) };
  return { detail: input === undefined ? "is required" : message, pointer: pointerTo(steps) };
}

/** A pointer has only names of the schema and indexes, so it needs no escaping and repeats nothing that the caller sent. */
function pointerTo(steps: readonly v.IssuePathItem[]): string {
  return ["#", ...steps.map(({ key }) => String(key))].join("/");
}
