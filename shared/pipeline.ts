import type { AnswerTools } from "./answer/answer.ts";
import { answerJson, type Deferral } from "./answer/json.ts";
import { ReplyRun } from "./answer/reply-run.ts";
import { answerStream } from "./answer/stream.ts";
import type { Clock } from "./clock.ts";
import { Exchange } from "./exchange.ts";
import { isHeaderSafe } from "./header-safe.ts";
import type { Log } from "./log.ts";
import { createAskStore } from "./once/ask-store.ts";
import type { OnceStore } from "./once/store.ts";
import { createTurn, type KeptAnswer } from "./once/turn.ts";
import { PartnerApi } from "./partner-api/client.ts";
import { createStore } from "./partner-api/store-reply.ts";
import { Problem } from "./problem.ts";
import type { Env, Reply } from "./reply-types.ts";
import { acceptedTypes } from "./request/accept.ts";
import { type Allow, isAllowed, rateLimited } from "./request/rate-limit.ts";
import type { ReadBytes } from "./request/read.ts";
import { createReceiver } from "./request/receive.ts";
import type { Settings } from "./settings.ts";
import { IN_PROGRESS_MS, LEASE_MARGIN_MS, STORE_MS, STORE_WHEN_STOPPING_MS } from "./time-line.ts";
import { isRealId, NIL_THREAD_ID } from "./uuid.ts";

export interface PipelineOptions {
  readonly settings: Settings;
  readonly reply: Reply;
  readonly env: Env;
  readonly clock: Clock;
  readonly log: Log;
  /** Fires when this process is about to end, on platforms that have one. */
  readonly stopping?: AbortSignal | undefined;
  /** Whether one more message for this app id is allowed now. If absent, every message is. */
  readonly allow?: Allow | undefined;
  /** Where answers are kept for copies of a request. If absent, each copy runs the reply logic. */
  readonly once?: OnceStore | undefined;
  /** How the platform reads a body, where it knows a better way than Web streams. */
  readonly readBytes?: ReadBytes | undefined;
}

/** The two routes for messages. They differ only in the form of the answer if `Accept` names none. */
export type MessageRoute = "/" | "/stream";

/** Lets work go on after the answer. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** Handles a message: receive, reply, answer. A refusal is a value; an exception is a bug. */
export function createPipeline({ settings, reply, env, clock, log, stopping, allow, once, readBytes }: PipelineOptions) {
  const { replyTimeoutMs, fallbackReply, backendUrl, defer } = settings;
  const askStore = once && settings.runOnce ? createAskStore(once, clock) : undefined;
  const receive = createReceiver(settings, clock, readBytes);
  const activeRuns = trackRuns(clock, stopping);
  const leaseMs = replyTimeoutMs + STORE_MS + LEASE_MARGIN_MS;

  return async (request: Request, route: MessageRoute, waitUntil: WaitUntil): Promise<Response> => {
    const exchange = new Exchange("POST", route, clock, log);

    const received = await receive(request, exchange);
    if (received instanceof Problem) return exchange.refuse(received);
    const { payload, verified } = received;
    const { app, thread } = payload;

    // The store is asked first, so that a copy which gets its answer from there costs no place in the rate limit.
    const startedAt = clock.uptime();
    const key = verified.idempotencyKey;
    const turn = askStore && key ? createTurn(askStore, key, leaseMs, clock, exchange) : undefined;
    const isCopy = await turn?.begin();
    // For a copy, this is asked only if its turn comes.
    const mayRun = allow && (() => isAllowed(allow, app.id, clock, exchange));
    if (mayRun && !isCopy && !(await mayRun())) {
      if (turn) waitUntil(turn.end(undefined));
      return exchange.refuse(rateLimited());
    }

    const partnerApi = partnerApiFor(app.id, verified.signer?.secret);
    const inThread =
      partnerApi && isRealId(thread.id)
        ? createStore({ api: partnerApi, threadId: thread.id, exchange, clock }, activeRuns.latest)
        : undefined;
    const store = inThread && (turn?.store(inThread) ?? inThread);
    const tools: AnswerTools = { clock, fallbackReply, requestId: exchange.id, store, waitUntil };
    const streams = wantsStream(request, route, thread.id);
    const deferral = defer && store && !streams ? { afterMs: replyTimeoutMs, reply: defer.reply, store } : undefined;
    const budgetMs = replyTimeoutMs + (deferral && defer ? defer.timeoutMs : 0);

    const run = new ReplyRun(
      turn?.reply(reply, mayRun) ?? reply,
      { ...payload, env, partnerApi, requestId: exchange.id, log: (line) => exchange.note(line) },
      { budgetMs, startedAt },
      clock,
      exchange,
    );
    activeRuns.add(run);
    if (run.settled) {
      request.signal.addEventListener("abort", () => run.hangUp());
      // If the caller hung up before, `abort` has fired and will not fire again.
      if (request.signal.aborted) run.hangUp();
      // Some platforms drop a request's remaining work when its client hangs up, but the logic's `finally` must still run. A
      // process that has a `stopping` signal drops nothing before it stops.
      if (!stopping) waitUntil(run.settled);
    }
    const cancelInProgress = run.text.isClosed ? () => {} : clock.after(IN_PROGRESS_MS, () => exchange.inProgress());

    const answering = streams ? answerStream(run, tools) : answerJson(run, tools, deferral);
    // If the process is already stopping, `abort` has fired and will not fire again. A reply that was ready was read above.
    if (stopping?.aborted) run.shutDown();
    const { response, sent } = await answering;
    void sent.then(async (code) => {
      cancelInProgress();
      exchange.ended(response.status, code);
      const endTurn = () => turn && waitUntil(turn.end(answerToKeep(run, deferral)));
      endTurn();
      if (code === "deferred") {
        // The caller has its answer, and the reply goes on. The turn of a copy can have come meanwhile.
        await run.text.closed();
        if (isCopy) endTurn();
      }
      activeRuns.delete(run);
      if (run.failure && run.failure.code !== "client_gone") exchange.failed(run.failure.code, run.failure.error);
    });
    return response;
  };

  function partnerApiFor(appId: string, secret: string | undefined): PartnerApi | undefined {
    if (!backendUrl || !secret || !isHeaderSafe(secret) || !isRealId(appId)) return undefined;
    return new PartnerApi({ backendUrl, appId, secret, clock });
  }
}

/** What copies of a request get. Undefined if the reply failed: then a copy may try again. */
function answerToKeep({ failure, isDeferred, text, metadata }: ReplyRun, deferral?: Deferral): KeptAnswer | undefined {
  if (isDeferred && deferral) return { reply: deferral.reply, metadata: { code: "deferred" } };
  return failure ? undefined : { reply: text.alreadyRead, ...(metadata && { metadata }) };
}

/** The replies that a process must end before it stops. None is tracked if the platform has no `stopping` signal. */
function trackRuns(clock: Clock, stopping: AbortSignal | undefined) {
  const runs = new Set<ReplyRun>();
  let latest = Number.POSITIVE_INFINITY;
  stopping?.addEventListener("abort", () => {
    latest = clock.uptime() + STORE_WHEN_STOPPING_MS;
    for (const run of runs) run.shutDown();
  });
  return {
    // Without that signal, the platform can drop a request before it ends, and its run would never be deleted.
    add: (run: ReplyRun) => stopping && runs.add(run),
    delete: (run: ReplyRun) => runs.delete(run),
    /** The uptime at which all storing must end. */
    latest: () => latest,
  };
}

/** Whether to stream: Accept decides, else the route. The dashboard's Test button reads JSON only. */
function wantsStream(request: Request, route: MessageRoute, threadId: string): boolean {
  const { json, eventStream } = acceptedTypes(request.headers.get("accept"));
  if (route === "/") return eventStream && !json;
  return eventStream || (!json && threadId !== NIL_THREAD_ID);
}
