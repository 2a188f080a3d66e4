import type { Clock } from "./clock.ts";
import { describeError, type Log, type LogCode, type LogRecord, type TroubleCode } from "./log.ts";
import type { Problem } from "./problem.ts";

/** One request, from its first byte to the last byte of its answer. It has an id, and only this class logs it. */
export class Exchange {
  readonly id = crypto.randomUUID();
  /** The sender form, once it is known. */
  senderForm: LogRecord["sender_form"];
  readonly #method: string;
  readonly #route: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #startedAt: number;

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
    this.#log({
      level: "info",
      event: "request",
      request_id: this.id,
      method: this.#method,
      route: this.#route,
      status,
      ...(code && { code }),
      ...(this.senderForm && { sender_form: this.senderForm }),
      ms: Math.round(this.#clock.uptime() - this.#startedAt),
    });
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
