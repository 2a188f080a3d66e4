import type { EndCode } from "./answer/answer.ts";
import type { ProblemCode } from "./problem.ts";
import type { SenderForm } from "./request/sender-forms.ts";
import { visible } from "./visible.ts";

/** What can go wrong beside a reply or outside of any request. A reply is given all the same. */
export const troubleCodes = [
  "not_stored",
  "rate_limit_skipped",
  "metadata_dropped",
  "cleanup_failed",
  "cut_off",
  "unhandled",
] as const;
export type TroubleCode = (typeof troubleCodes)[number];

/** How a request ended, where not with the whole reply; or what went wrong. */
export type LogCode = ProblemCode | EndCode | TroubleCode;

/** One line of the log. It never holds the secret, a signature or the user's text. */
export interface LogRecord {
  level: "info" | "warn" | "error";
  event: "request" | "reply" | "setting";
  /** What happened and what to do, where the code does not say it all. */
  message?: string;
  request_id?: string;
  method?: string;
  /** The path of a route of ours, else `(other)`: what a stranger typed is not repeated. */
  route?: string;
  status?: number;
  code?: LogCode;
  /** The form in which the sender had signed the body, or `unsigned`. */
  sender_form?: SenderForm | "unsigned";
  ms?: number;
}

export type Log = (record: LogRecord) => void;

/** A log on the console: `text` for people, in any other format JSON for what collects the lines of a deployment. */
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

/** A message of several lines, such as a stack, with all but the first indented: none can be taken for a line of ours. */
function indented(message = ""): string {
  return message.split("\n").map(visible).join("\n    ");
}

/** An error for the log, with its stack. Reply logic may throw anything, also what cannot become a string. */
export function describeError(error: unknown): string {
  try {
    return error instanceof Error ? String(error.stack ?? error) : String(error);
  } catch {
    return "what was thrown cannot be shown";
  }
}
