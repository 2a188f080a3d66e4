import { acceptedTypes } from "./accept.ts";
import type { Clock } from "./clock.ts";
import { createKeep } from "./keep.ts";
import { inWords, type Log } from "./log.ts";
import { parsePayload } from "./parse.ts";
import { PartnerApi } from "./partner-api.ts";
import { NIL_THREAD_ID } from "./payload.ts";
import { Problem } from "./problem.ts";
import { type Allow, isAllowed } from "./rate-limit.ts";
import { readBody } from "./read.ts";
import type { Env, Reply } from "./reply-types.ts";
import { respondJson, respondStream } from "./respond.ts";
import { ReplyRun } from "./run.ts";
import { canPassPartnerApi, type Settings } from "./settings.ts";
import { isRealId } from "./uuid.ts";
import { createVerifier } from "./verify.ts";

export interface PipelineOptions {
  readonly settings: Settings;
  readonly reply: Reply;
  readonly env: Env;
  readonly clock: Clock;
  readonly log: Log;
  /** Fires when this process is about to end, on platforms that have one. */
  readonly stopping?: AbortSignal | undefined;
  /** Whether one more message for this app id is allowed now; where absent, every one is. */
  readonly allow?: Allow | undefined;
}

/** What a sender that is over its rate is told to wait, in seconds: the period of the limiters that platforms offer. */
const RETRY_AFTER_SECONDS = "60";

/** How long a text may still be on its way to a thread once the process is about to end, in milliseconds. */
const STORE_WHEN_STOPPING_MS = 8000;

/** The two routes that messages come in on. They differ only in what they answer with where the request does not say. */
export type MessageRoute = "/" | "/stream";

/** A request's whole way: read, verify, parse, reply, respond. A refusal is a value; an exception is a bug. */
export function createPipeline({ settings, reply, env, clock, log, stopping, allow }: PipelineOptions) {
  const verify = createVerifier(settings, clock);
  const { replyTimeoutMs, fallbackReply, backendUrl, defer } = settings;
  const underWay = new Set<ReplyRun>();
  let latest = Number.POSITIVE_INFINITY;
  stopping?.addEventListener("abort", () => {
    latest = clock.uptime() + STORE_WHEN_STOPPING_MS;
    for (const run of underWay) run.giveUp();
  });

  return async (request: Request, route: MessageRoute, waitUntil: (work: Promise<unknown>) => void): Promise<Response> => {
    const startedAt = clock.uptime();
    const requestId = crypto.randomUUID();
    let senderForm: string | undefined;

    const logEnd = (status: number, code?: string) => {
      const entry = { level: "info", event: "request", request_id: requestId, method: "POST", route, status } as const;
      log({
        ...entry,
        ...(code && { code }),
        ...(senderForm && { sender_form: senderForm }),
        ms: Math.round(clock.uptime() - startedAt),
      });
    };
    const warn = (code: string, message: string) =>
      log({ level: "warn", event: "reply", request_id: requestId, code, message });
    const refuse = (problem: Problem) => {
      logEnd(problem.status, problem.code);
      return problem.toResponse();
    };

    const rawBody = await readBody(request, clock);
    if (rawBody instanceof Problem) return refuse(rawBody);

    const verified = await verify(request.headers, rawBody);
    if (verified instanceof Problem) return refuse(verified);
    senderForm = verified.form;

    const payload = parsePayload(rawBody);
    if (payload instanceof Problem) return refuse(payload);
    const skipped = (why: string) => warn("rate_limit_skipped", why);
    if (allow && !(await isAllowed(allow, payload.app.id, clock, skipped))) {
      return refuse(new Problem("rate_limited", { headers: { "retry-after": RETRY_AFTER_SECONDS } }));
    }

    const { app, thread } = payload;
    const partnerApi = partnerApiFor(app.id, verified.secret);
    const keep =
      partnerApi && isRealId(thread.id)
        ? createKeep({ api: partnerApi, threadId: thread.id, requestId, clock, log, latest: () => latest })
        : undefined;
    const stream = wantsStream(request, route, thread.id);
    const deferral = !stream && defer && keep ? { afterMs: replyTimeoutMs, reply: defer.reply, keep } : undefined;
    const budgetMs = replyTimeoutMs + (deferral && defer ? defer.timeoutMs : 0);

    const run = new ReplyRun(payload, { reply, env, partnerApi, clock, budgetMs, warn });
    // Only where a stop is told of: elsewhere a request can be dropped without an end, and would stay here for ever.
    if (stopping) underWay.add(run);
    if (run.settled) {
      request.signal.addEventListener("abort", () => run.stop());
      // Who hung up before the reply began fires no event any more.
      if (request.signal.aborted) run.stop();
      // A platform drops what is left of a request when its client hangs up; the logic's own ending must still run. A
      // process that says when it stops drops nothing until then.
      if (!stopping) waitUntil(run.settled);
    }

    const onReplyEnd = () => {
      underWay.delete(run);
      if (run.outcome?.ok !== false || run.outcome.code === "client_gone") return;
      const { code, error } = run.outcome;
      log({ level: "error", event: "reply", request_id: requestId, code, message: inWords(error) });
    };
    const onEnd = (status: number, code?: string) => {
      logEnd(status, code);
      if (code !== "deferred") onReplyEnd();
    };
    const options = { clock, fallbackReply, requestId, keep, waitUntil, onEnd, onDeferredEnd: onReplyEnd };
    const response = stream ? respondStream(run, options) : respondJson(run, options, deferral);
    // Who comes that late fires no event any more. What was ready at once has been taken by now.
    if (stopping?.aborted) run.giveUp();
    return response;
  };

  function partnerApiFor(appId: string, secret: string | undefined): PartnerApi | undefined {
    if (!backendUrl || !secret || !canPassPartnerApi(secret) || !isRealId(appId)) return undefined;
    return new PartnerApi({ backendUrl, appId, secret, clock });
  }
}

/** The answer's form: what Accept names, else what the route is for. The dashboard's Test button reads JSON only. */
function wantsStream(request: Request, route: MessageRoute, threadId: string): boolean {
  const { json, eventStream } = acceptedTypes(request.headers.get("accept"));
  if (route === "/") return eventStream && !json;
  return eventStream || (!json && threadId !== NIL_THREAD_ID);
}
