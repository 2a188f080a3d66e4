import type { EndCode } from "./answer/answer.ts";
import type { ProblemCode } from "./problem.ts";
import type { SenderForm } from "./request/sender-forms.ts";
import { visible } from "./visible.ts";

/** Failures that do not stop a reply, or that belong to no request. */
export const troubleCodes = [
  "not_stored",
  "rate_limit_skipped",
  "metadata_dropped",
  "cleanup_failed",
  "cut_off",
  "unhandled",
] as const;
export type TroubleCode = (typeof troubleCodes)[number];

/** Why a request ended without the complete reply, or what failed. */
export type LogCode = ProblemCode | EndCode | TroubleCode;

/** One line of the log. It never holds the secret, a signature or the user's text. */
export interface LogRecord {
  level: "info" | "warn" | "error";
  event: "request" | "reply" | "setting";
  /** What happened and what to do, if the code does not say everything. */
  message?: string;
  request_id?: string;
  method?: string;
  /** The path of one of our routes, else `(other)`: a stranger's path is not logged. */
  route?: string;
  status?: number;
  code?: LogCode;
  /** The sender form that matched, or `unsigned`. */
  sender_form?: SenderForm | "unsigned";
  ms?: number;
}

export type Log = (record: LogRecord) => void;

/** A log on the console: lines for people with the format `text`, else one JSON object a line for log collectors. */
export function consoleLog(format: unknown): Log {
  return (record) => {
    const line = format === "text" ? asText(record) : visible(JSON.stringify({ time: new Date().toISOString(), ...record }));
    if (record.level === "error") console.error(line);
    else if (record.level === "warn") console.warn(line);
    else console.log(line);
  };
}

function asText(record: LogRecord): string {
  const { event, message, request_id, method, route, status, code, sender_form, ms } = record;
  const time = new Date().toISOString().slice(11, 19);
  if (event !== "request") return [time, event, code, request_id, indented(message)].filter(Boolean).join("  ");
  return [time, method, route, status, code, sender_form, `${ms} ms`].filter((part) => part !== undefined).join("  ");
}

/** Indents all lines of a message but the first, such as those of a stack. None can be taken for a line of the log. */
function indented(message = ""): string {
  return message.split("\n").map(visible).join("\n    ");
}

/** An error as text, with its stack. Reply logic may throw any value, even one that cannot become a string. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? String(error.stack ?? error) : String(error);
  } catch {
    return "what was thrown cannot be shown";
  }
}
