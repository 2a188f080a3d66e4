import type { Context } from "hono";
import { HonoBase as Hono } from "hono/hono-base";
import { TrieRouter } from "hono/router/trie-router";
import { acceptedTypes } from "./accept.ts";
import { type Clock, systemClock } from "./clock.ts";
import { consoleLog, inWords, type Log } from "./log.ts";
import { openApiDocument } from "./openapi.ts";
import { pageResponse } from "./page.ts";
import { createPipeline, type MessageRoute } from "./pipeline.ts";
import { Problem, type ProblemCode } from "./problem.ts";
import { reply as partnersReply } from "./reply.ts";
import type { Env, Reply } from "./reply-types.ts";
import { readSettings, signatureMode } from "./settings.ts";
import { version } from "./version.ts";

/** What an entry hands in. Only `env` is needed. */
export interface AppOptions {
  readonly env: Env;
  readonly reply?: Reply;
  /** What REQUIRE_SIGNATURE means where it is not set: true where everyone can reach the webhook. False by default. */
  readonly requireSignature?: boolean;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Fires when the process is about to end: replies under way then end with the fallback text. */
  readonly stopping?: AbortSignal;
  /** Whether one more message for this app id is allowed now. */
  readonly allow?: ((appId: string) => Promise<boolean>) | undefined;
}

/** The webhook as a Hono app: the routes of docs/contract.md, the same on every platform. */
export function createApp({
  env,
  reply = partnersReply,
  requireSignature,
  clock = systemClock,
  log = consoleLog(env.LOG_FORMAT),
  stopping,
  allow,
}: AppOptions): Hono {
  const settings = readSettings(env, reply, requireSignature);
  const { mode, explanation } = signatureMode(settings);
  // Whoever reads text at a terminal has read this at start-up.
  if (env.LOG_FORMAT !== "text") {
    const unsigned = mode === "unsigned" ? [`${mode}: ${explanation}`] : [];
    for (const message of [...unsigned, ...settings.warnings]) log({ level: "warn", event: "setting", message });
  }

  const answer = createPipeline({ settings, reply, env, clock, log, stopping, allow });
  // The smallest of Hono's routers, and no decoding: a path is taken literally, so /stream/ and /%73tream are not /stream.
  const app = new Hono({ router: new TrieRouter(), getPath: literalPath });

  const logged = (response: Response, { req }: Context, route: string, code?: ProblemCode, startedAt = clock.now()) => {
    const { status } = response;
    const ms = clock.now() - startedAt;
    log({ level: "info", event: "request", method: knownMethod(req.method), route, status, ...(code && { code }), ms });
    return response;
  };
  const refuse = (problem: Problem, c: Context, route: string) => logged(problem.toResponse(), c, route, problem.code);

  const health = (c: Context) => c.json({ status: "ok", version });
  const hello = (c: Context) => {
    const { json, html } = acceptedTypes(c.req.header("accept") ?? null);
    if (json && !html) return c.json({ status: "ok", version, mode });
    // On Node a Host header that is no host (1.2.3.4.5) gets this far.
    return pageResponse(URL.parse(c.req.url)?.origin ?? "https://your-webhook.example", settings);
  };
  const openApi = (c: Context) => c.json(openApiDocument());

  const show = (route: string, page: Handler) => async (c: Context) => {
    const startedAt = clock.now();
    return logged(await page(c), c, route, undefined, startedAt);
  };
  const message = (route: MessageRoute) => (c: Context) => answer(c.req.raw, route, background(c));
  // One handler a path: Hono then calls it without composing, and the methods of a path stand in one place.
  const route = (path: string, handlers: Record<string, Handler>) => {
    const allow = Object.keys(handlers).join(", ");
    app.all(path, (c) => {
      const handler = Object.hasOwn(handlers, c.req.method) ? handlers[c.req.method] : undefined;
      return handler ? handler(c) : refuse(new Problem("method_not_allowed", { headers: { allow } }), c, path);
    });
  };
  route("/", { GET: show("/", hello), POST: message("/") });
  route("/stream", { POST: message("/stream") });
  route("/health", { GET: show("/health", health), HEAD: show("/health", health) });
  route("/openapi.json", { GET: show("/openapi.json", openApi) });
  app.notFound((c) => refuse(new Problem("not_found"), c, "(other)"));
  app.onError((error, c) => {
    const request_id = crypto.randomUUID();
    log({ level: "error", event: "reply", request_id, code: "reply_failed", message: inWords(error) });
    return refuse(new Problem("reply_failed", { request_id }), c, c.req.path);
  });

  return app;
}

type Handler = (c: Context) => Response | Promise<Response>;

/** The path as it stands in the request, without query or fragment: Hono would decode it. */
function literalPath({ url }: Request): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.slice(start).search(/[?#]/);
  return end === -1 ? url.slice(start) : url.slice(start, start + end);
}

/** Work that outlives the answer. Asked for only where there is some: Hono's getter throws where an entry gave no context. */
function background(c: Context): (work: Promise<unknown>) => void {
  return (work) => c.executionCtx.waitUntil(work);
}

function knownMethod(method: string): string {
  return /^[A-Z]{1,10}$/.test(method) ? method : "(other)";
}
