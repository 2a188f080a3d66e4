import type { PythonValue } from "./python/value.ts";

/** Where the main app fails: it answers 500 `ERROR_INTERNAL`, or its stream breaks off. The message says why. */
export class InternalError extends Error {}

/** Anything but these two errors is a mistake of the playground, not a failure that the main app has too. */
export function reportMistake(error: unknown): void {
  if (!(error instanceof HttpError || error instanceof InternalError)) console.error(error);
}

/** An answer that is no success, in FastAPI's form: `{"detail": …}`. */
export class HttpError extends Error {
  readonly status: 400 | 401 | 403 | 404 | 405 | 422;
  readonly detail: PythonValue;
  constructor(status: HttpError["status"], detail: PythonValue) {
    super(String(detail));
    this.status = status;
    this.detail = detail;
  }
}
