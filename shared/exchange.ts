import type { Clock } from "./clock.ts";
import { describeError } from "./error-text.ts";
import type { Log, LogCode, LoggedIds, LogRecord, TroubleCode } from "./log.ts";
import type { Problem } from "./problem.ts";

/** One request, from its first byte to the last byte of its answer. It has an id, and only this class logs it. */
export class Exchange {
  readonly id = crypto.randomUUID();
  /** The sender form, once it is known. */
  senderForm: LogRecord["sender_form"];
  /** What is known of the request once its body is verified: whose message it is, and which secret signed it. */
  facts: LoggedIds & Pick<LogRecord, "signed_with"> = {};
  /** Whether it is a copy of an earlier request, and is given the same answer. */
  isCopy = false;
  readonly #method: string;
  readonly #route: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #startedAt: number;
  #hasEnded = false;
  #storedSeq: number | undefined;

  constructor(method: string, route: string, clock: Clock, log: Log) {
    this.#method = method;
    this.#route = route;
    this.#clock = clock;
    this.#log = log;
    this.#startedAt = clock.uptime();
  }

  /** Refuses the request and logs its end. */
  refuse(problem: Problem): Response {
    this.ended(problem.status, problem.code);
    return problem.toResponse();
  }

  /** Logs the end: the last byte of the answer was handed over, or the client hung up. */
  ended(status: number, code?: LogCode): void {
    this.#hasEnded = true;
    this.#log({
      level: "info",
      event: "request",
      request_id: this.id,
      method: this.#method,
      route: this.#route,
      status,
      code,
      sender_form: this.senderForm,
      ...this.facts,
      is_copy: this.isCopy || undefined,
      stored_seq: this.#storedSeq,
      ms: Math.round(this.#clock.uptime() - this.#startedAt),
    });
  }

  /** Logs that the reply takes long. If no other line of the request follows, the platform has ended it. */
  inProgress(): void {
    this.#log({ level: "info", event: "reply", request_id: this.id, code: "in_progress", ...this.facts });
  }

  /** Logs where the reply was stored: in the line of the request, or in one of its own after that. */
  stored(seq: number): void {
    if (this.#hasEnded) this.note(`The reply was stored as message ${seq} of its thread.`);
    else this.#storedSeq = seq;
  }

  /** Logs that the reply failed. */
  failed(code: LogCode, error: unknown): void {
    this.#log({ level: "error", event: "reply", request_id: this.id, code, message: describeError(error) });
  }

  /** Logs a line of the reply's own. */
  note(message: string): void {
    this.#log({ level: "info", event: "reply", request_id: this.id, message });
  }

  /** Logs a failure that does not stop the reply. */
  warn(code: TroubleCode, message: string): void {
    this.#log({ level: "warn", event: "reply", request_id: this.id, code, message });
  }
}
