import * as v from "valibot";
import { readBounded } from "../bounded.ts";
import type { Clock } from "../clock.ts";
import { parseJson, stringifyJson } from "../json-text.ts";
import { isRealId } from "../uuid.ts";
import * as schema from "./schema.ts";

/** How long one call may take, in milliseconds. */
const CALL_TIMEOUT_MS = 5000;
/** Node's codes for a `fetch` that failed before anything was sent. Other runtimes have no such codes. */
const NEVER_CONNECTED = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH", "UND_ERR_CONNECT_TIMEOUT"];
/** The largest answer that is read, in bytes. */
const MAX_ANSWER_BYTES = 16_777_216;
/** The most messages in one answer of the main app. */
export const MAX_PAGE = 200;

/**
 * A call that failed. `nothingDone` says that the main app certainly did nothing. Otherwise a post must not be made again,
 * because the Partner API is not idempotent (seen).
 */
export interface ApiFailure {
  ok: false;
  nothingDone: boolean;
  /** The HTTP status, if there was one. */
  status?: number;
  /** What went wrong, for the log. Holds no secret, and of the answer only the main app's error code. */
  detail: string;
}

export type ApiResult<T> = { ok: true; value: T } | ApiFailure;

export interface PartnerApiOptions {
  /** The main app's backend, as `backendUrl` in settings.ts allows it. */
  readonly backendUrl: string;
  readonly appId: string;
  /** The webhook secret of the app. It is sent to `backendUrl` and nowhere else. */
  readonly secret: string;
  readonly clock: Clock;
}

/**
 * The main app's Partner API, for one app. Every call ends within 5 s, or within `timeoutMs` milliseconds if that is
 * given and less.
 */
export class PartnerApi {
  readonly #options: PartnerApiOptions;

  constructor(options: PartnerApiOptions) {
    this.#options = options;
  }

  /** Stores an assistant message in a thread. Not idempotent: the same call twice makes two messages. */
  postMessage(
    threadId: string,
    content: string,
    contentJson: Record<string, unknown> = {},
    timeoutMs = CALL_TIMEOUT_MS,
  ): Promise<ApiResult<schema.Message>> {
    const body = stringifyJson({ content, content_json: contentJson });
    const path = ["threads", threadId, "messages", "assistant"];
    return this.#call(path, schema.MessageSchema, { method: "POST", body, timeoutMs });
  }

  /**
   * The oldest `limit` messages of a thread (200 at most), or of those before `beforeSeq`; oldest first.
   * The main app offers no way to read the messages after the first 200 of a thread (seen).
   */
  readMessages(
    threadId: string,
    { limit = MAX_PAGE, beforeSeq }: { limit?: number; beforeSeq?: number } = {},
    timeoutMs = CALL_TIMEOUT_MS,
  ) {
    const query = { limit, before_seq: beforeSeq };
    return this.#call(["threads", threadId, "messages"], schema.MessagesSchema, { query, timeoutMs });
  }

  /** Threads, newest change first. */
  listThreads(query: { limit?: number; cursor?: string; customer_id?: string; status?: string } = {}) {
    return this.#call(["threads"], schema.ThreadPageSchema, { query });
  }

  listSubscribers(query: { limit?: number; cursor?: string; q?: string } = {}) {
    return this.#call(["subscribers"], schema.SubscriberPageSchema, { query });
  }

  readSubscriber(subscriberId: string) {
    return this.#call(["subscribers", subscriberId], schema.SubscriberSchema);
  }

  listThreadsOfSubscriber(subscriberId: string, query: { limit?: number; cursor?: string } = {}) {
    return this.#call(["subscribers", subscriberId, "threads"], schema.ThreadPageSchema, { query });
  }

  async #call<T>(
    path: string[],
    answerSchema: v.GenericSchema<unknown, T>,
    {
      method = "GET",
      body = null,
      query = {},
      timeoutMs = CALL_TIMEOUT_MS,
    }: { method?: string; body?: string | null; query?: Record<string, string | number | undefined>; timeoutMs?: number } = {},
  ): Promise<ApiResult<T>> {
    const { backendUrl, appId, secret, clock } = this.#options;
    const id = path[1];
    if (!isRealId(appId) || (id !== undefined && !isRealId(id))) return failure(true, "an id is no UUID: nothing was sent");

    const url = new URL(`${backendUrl}/apps/${appId}/${path.join("/")}`);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const controller = new AbortController();
    const limitMs = Math.min(timeoutMs, CALL_TIMEOUT_MS);
    const cancelTimeout = clock.after(limitMs, () => controller.abort());
    try {
      const headers = { "content-type": "application/json", "x-app-id": appId, "x-app-secret": secret };
      const response = await fetch(url, { method, headers, body, redirect: "manual", signal: controller.signal });
      const bytes = await readBounded(response.body, MAX_ANSWER_BYTES);
      if (typeof bytes === "string") return failure(false, `the answer is ${bytes}`, response.status);
      const text = new TextDecoder().decode(bytes);
      if (!response.ok) return failure(REFUSALS.includes(response.status), describe(response.status, text), response.status);
      const answer = v.safeParse(answerSchema, parseJson(text));
      return answer.success
        ? { ok: true, value: answer.output }
        : failure(false, "the answer has another form than expected", response.status);
    } catch (error) {
      if (controller.signal.aborted) return failure(false, `no answer within ${limitMs} ms`);
      if (error instanceof SyntaxError) return failure(false, "the answer is not JSON");
      return failure(neverConnected(error), "the main app could not be reached");
    } finally {
      cancelTimeout();
    }
  }
}

/** With these statuses the main app did nothing (seen). */
const REFUSALS = [400, 401, 404, 422, 429];

function neverConnected(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: unknown };
  return NEVER_CONNECTED.includes(String(code));
}

function failure(nothingDone: boolean, detail: string, status?: number): ApiFailure {
  return { ok: false, nothingDone, detail, ...(status && { status }) };
}

/** The main app's own error code, if the answer has one. */
function describe(status: number, text: string): string {
  const code = /"detail":"(ERROR_[A-Z_]{1,60})"/.exec(text)?.[1];
  return code ? `${status} ${code}` : String(status);
}
