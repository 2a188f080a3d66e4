import { acceptedTypes } from "./accept.ts";
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import { parsePayload } from "./parse.ts";
import { NIL_THREAD_ID } from "./payload.ts";
import { Problem } from "./problem.ts";
import { readBody } from "./read.ts";
import type { Env, Reply } from "./reply-types.ts";
import { respondJson, respondStream } from "./respond.ts";
import { type FailureCode, ReplyRun } from "./run.ts";
import type { Settings } from "./settings.ts";
import { createVerifier } from "./verify.ts";

export interface PipelineOptions {
  readonly settings: Settings;
  readonly reply: Reply;
  readonly env: Env;
  readonly clock: Clock;
  readonly log: Log;
  /** Whether one more message for this app id is allowed now; where absent, every one is. */
  readonly allow?: ((appId: string) => Promise<boolean>) | undefined;
}

/** What a sender that is over its rate is told to wait, in seconds: the period of the limiters that platforms offer. */
const RETRY_AFTER_SECONDS = "60";

/** The two routes that messages come in on. They differ only in what they answer with where the request does not say. */
export type MessageRoute = "/" | "/stream";

/** A request's whole way: read, verify, parse, reply, respond. A refusal is a value; an exception is a bug. */
export function createPipeline({ settings, reply, env, clock, log, allow }: PipelineOptions) {
  const verify = createVerifier(settings, clock);
  const budgetMs = settings.replyTimeoutMs;

  return async (request: Request, route: MessageRoute): Promise<Response> => {
    const startedAt = clock.now();
    const requestId = crypto.randomUUID();
    let senderForm: string | undefined;

    const logEnd = (status: number, code?: string) => {
      const entry = { level: "info", event: "request", request_id: requestId, method: "POST", route, status } as const;
      log({ ...entry, ...(code && { code }), ...(senderForm && { sender_form: senderForm }), ms: clock.now() - startedAt });
    };
    const refuse = (problem: Problem) => {
      logEnd(problem.status, problem.code);
      return problem.toResponse();
    };

    const rawBody = await readBody(request);
    if (rawBody instanceof Problem) return refuse(rawBody);

    const verified = await verify(request.headers, rawBody);
    if (verified instanceof Problem) return refuse(verified);
    senderForm = verified;

    const payload = parsePayload(rawBody);
    if (payload instanceof Problem) return refuse(payload);
    if (allow && !(await allow(payload.app.id))) {
      return refuse(new Problem("rate_limited", { headers: { "retry-after": RETRY_AFTER_SECONDS } }));
    }

    const run = new ReplyRun(payload, { reply, env, clock, budgetMs });
    // Asking for the signal costs, and a reply that is already there has nothing to stop.
    if (!run.outcome) request.signal.addEventListener("abort", () => run.stop());

    const onEnd = (status: number, failure?: FailureCode) => {
      logEnd(status, failure);
      if (failure === "reply_failed" && run.outcome?.ok === false) {
        log({ level: "error", event: "reply", request_id: requestId, code: failure, message: describe(run.outcome.error) });
      }
    };
    const options = { clock, fallbackReply: settings.fallbackReply, requestId, onEnd };
    return wantsStream(request, route, payload.thread.id) ? respondStream(run, options) : respondJson(run, options);
  };
}

/** The answer's form: what Accept names, else what the route is for. The dashboard's Test button reads JSON only. */
function wantsStream(request: Request, route: MessageRoute, threadId: string): boolean {
  const { json, eventStream } = acceptedTypes(request.headers.get("accept"));
  if (route === "/") return eventStream && !json;
  return eventStream || (!json && threadId !== NIL_THREAD_ID);
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : String(error);
}
