/**
 * Every refusal this webhook can give: RFC 9457 problem details with a stable `code`.
 *
 * The main app shows its caller only the first 200 bytes of an error body, so `code` and `detail` come first and the details
 * are short. None of them repeats anything that the caller sent.
 */
const PROBLEMS = {
  body_not_utf8: [400, "The body is not valid UTF-8. Send JSON encoded as UTF-8."],
  body_not_json: [400, "The body is not JSON. Send one JSON object without a byte order mark."],
  signature_missing: [401, "X-Signature is missing. Sign with the webhook secret, or set the secret in the dashboard."],
  timestamp_missing: [401, "X-Timestamp is missing. Send the Unix time in seconds that was signed."],
  signature_malformed: [401, "X-Signature must be one value: sha256= and 64 hex digits."],
  timestamp_malformed: [401, "X-Timestamp must be Unix seconds in 1 to 12 decimal digits, sent once."],
  timestamp_outside_tolerance: [401, "X-Timestamp is more than 300 s from this server's clock. Check both clocks."],
  signature_mismatch: [401, "The signature does not match. Is the webhook secret the same on both sides?"],
  not_found: [404, "There is nothing here. POST to / or /stream."],
  method_not_allowed: [405, "This path does not take this method. See the Allow header."],
  body_too_slow: [408, "The body did not arrive within 15 s. Send it at once."],
  body_too_large: [413, "The body is larger than 1 MiB (1,048,576 bytes)."],
  body_too_fragmented: [413, "The body came in too many small pieces. Send it whole, or in pieces of 1 KiB and more."],
  content_type_unsupported: [415, "Send the header Content-Type: application/json."],
  payload_invalid: [422, "The payload has missing or wrong fields. See errors."],
  event_unsupported: [422, "The only event is message_received."],
  rate_limited: [429, "Too many messages for this app. Try again after the seconds in Retry-After."],
  reply_failed: [500, "The reply logic failed. Search the webhook's log for request_id."],
  not_configured: [
    503,
    "This webhook has no secret to check with. Set WEBHOOK_SECRET on the deployment, the same as in the dashboard.",
  ],
  reply_timeout: [504, "The reply logic ran out of time. Raise REPLY_TIMEOUT_MS or answer sooner."],
} as const satisfies Record<string, readonly [status: number, detail: string]>;

const TITLES: Record<Status, string> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  413: "Content Too Large",
  415: "Unsupported Media Type",
  422: "Unprocessable Content",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

export type ProblemCode = keyof typeof PROBLEMS;
type Status = (typeof PROBLEMS)[ProblemCode][0];
export const problemCodes = Object.keys(PROBLEMS) as ProblemCode[];

/** One wrong field: what it must be, and a JSON Pointer to it in URI fragment form (RFC 6901, section 6). */
export interface FieldError {
  detail: string;
  pointer: string;
}

interface ProblemExtras {
  errors?: FieldError[];
  request_id?: string;
  /** Headers that belong to the refusal, such as Allow. */
  headers?: Record<string, string>;
}

/** A refusal as a value. Each step of the pipeline returns one instead of throwing. */
export class Problem {
  readonly code: ProblemCode;
  readonly #extras: ProblemExtras;

  constructor(code: ProblemCode, extras: ProblemExtras = {}) {
    this.code = code;
    this.#extras = extras;
  }

  get status(): Status {
    return PROBLEMS[this.code][0];
  }

  /** The `application/problem+json` answer. Its `type` is about:blank, so RFC 9457 wants the status phrase as `title`. */
  toResponse(): Response {
    const { code, status } = this;
    const { headers: extraHeaders, ...members } = this.#extras;
    const body = { code, detail: PROBLEMS[code][1], status, title: TITLES[status], type: "about:blank", ...members };
    const headers = { "content-type": "application/problem+json", "cache-control": "no-store", ...extraHeaders };
    return new Response(JSON.stringify(body), { status, headers });
  }
}
