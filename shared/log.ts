import type { EndCode } from "./answer/answer.ts";
import type { ProblemCode } from "./problem.ts";
import type { SenderForm } from "./request/sender-forms.ts";
import { visible } from "./visible.ts";

/** Failures that do not stop a reply, or that belong to no request. */
export const troubleCodes = [
  "not_stored",
  "rate_limit_skipped",
  "once_skipped",
  "metadata_dropped",
  "cleanup_failed",
  "cut_off",
  "unhandled",
] as const;
export type TroubleCode = (typeof troubleCodes)[number];

/** Why a request ended without the complete reply, what failed, or that a reply is still in progress. */
export type LogCode = ProblemCode | EndCode | TroubleCode | "in_progress";

/** What a verified request is about. A long id is cut. */
export interface LoggedIds {
  app_id?: string | undefined;
  thread_id?: string | undefined;
  message_id?: string | undefined;
}

/** One line of the log. It never holds the secret, a signature or the user's text. A field that is undefined is not written. */
export interface LogRecord extends LoggedIds {
  level: "info" | "warn" | "error";
  event: "request" | "reply" | "setting";
  /** What happened and what to do, if the code does not say everything. */
  message?: string;
  request_id?: string;
  method?: string;
  /** The path of one of our routes, else `(other)`: a stranger's path is not logged. */
  route?: string;
  status?: number;
  code?: LogCode | undefined;
  /** The sender form that matched, or `unsigned`. */
  sender_form?: SenderForm | "unsigned" | undefined;
  /** Which secret matched: `WEBHOOK_SECRET` or `WEBHOOK_SECRET_PREVIOUS`. */
  signed_with?: "current" | "previous" | undefined;
  /** Whether it was a copy of an earlier request, and was given the same answer without the reply logic. */
  is_copy?: true | undefined;
  /** The position in its thread at which the reply was stored. */
  stored_seq?: number | undefined;
  ms?: number;
}

export type Log = (record: LogRecord) => void;

/** A log that never throws: a full disk or a broken pipe must not lose a message. */
export function neverThrowing(log: Log): Log {
  return (record) => {
    try {
      log(record);
    } catch {}
  };
}

/** A log on the console: lines for people with the format `text`, else one JSON object a line for log collectors. */
export function consoleLog(format: unknown): Log {
  return (record) => {
    const line = format === "text" ? asText(record) : visible(JSON.stringify({ time: new Date().toISOString(), ...record }));
    if (record.level === "error") console.error(line);
    else if (record.level === "warn") console.warn(line);
    else console.log(line);
  };
}

/** The time is UTC. */
function asText(record: LogRecord): string {
  const { event, message, request_id, code } = record;
  const time = `${new Date().toISOString().slice(11, 19)}Z`;
  if (event !== "request") return [time, event, code, request_id, indented(message)].filter(Boolean).join("  ");
  const { method, route, status, sender_form, signed_with, is_copy, stored_seq, ms, app_id, thread_id, message_id } = record;
  const previous = signed_with === "previous" ? "previous secret" : undefined;
  const stored = stored_seq === undefined ? undefined : `stored as ${stored_seq}`;
  const ids = Object.entries({ app: app_id, thread: thread_id, message: message_id, request: request_id }).map(
    ([name, id]) => id && `${name} ${short(id)}`,
  );
  return [time, method, route, status, code, sender_form, previous, is_copy && "copy", stored, `${ms} ms`, ...ids]
    .filter(Boolean)
    .join("  ");
}

/** The start of an id, which is enough to find the id. A sender may choose any text as id, so it is quoted unless it is plain. */
function short(id: string): string {
  const start = id.length > 8 ? `${id.slice(0, 8)}…` : id;
  return /^[\w-]+…?$/.test(start) ? start : visible(JSON.stringify(start));
}

/** Indents all lines of a message but the first, such as those of a stack. None can be taken for a line of the log. */
function indented(message = ""): string {
  return message.split("\n").map(visible).join("\n    ");
}
