import type { Clock } from "./clock.ts";
import { describeError, type Log, type LogCode, type LogRecord, type TroubleCode } from "./log.ts";
import type { Problem } from "./problem.ts";

/** One request, from its first byte to its last: its id, and the only place that logs it. */
export class Exchange {
  readonly id = crypto.randomUUID();
  /** In which form it was signed, once that is known. */
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

  /** Refuses the request, which ends it. */
  refuse(problem: Problem): Response {
    this.ended(problem.status, problem.code);
    return problem.toResponse();
  }

  /** The last byte of the answer was handed over, or the client has gone. */
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

  /** The reply failed. */
  failed(code: LogCode, error: unknown): void {
    this.#log({ level: "error", event: "reply", request_id: this.id, code, message: describeError(error) });
  }

  /** Something beside the reply failed, which is given all the same. */
  warn(code: TroubleCode, message: string): void {
    this.#log({ level: "warn", event: "reply", request_id: this.id, code, message });
  }
}
