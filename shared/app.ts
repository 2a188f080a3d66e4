import type { Context } from "hono";
import { HonoBase as Hono } from "hono/hono-base";
import { PatternRouter } from "hono/router/pattern-router";
import { type Clock, systemClock } from "./clock.ts";
import { functionOf, type PartnersReply } from "./define-reply.ts";
import { Exchange } from "./exchange.ts";
import { consoleLog, type Log, neverThrowing } from "./log.ts";
import type { OnceStore } from "./once/store.ts";
import { pageResponse } from "./pages/home.ts";
import { openApiDocument } from "./pages/openapi.ts";
import { aboutOf } from "./pages/startup-lines.ts";
import { createPipeline, type MessageRoute } from "./pipeline.ts";
import { Problem } from "./problem.ts";
import { withoutSecrets } from "./redact.ts";
import type { Env } from "./reply-types.ts";
import { acceptedTypes } from "./request/accept.ts";
import type { Allow } from "./request/rate-limit.ts";
import type { ReadBytes } from "./request/read.ts";
import { readSettings } from "./settings.ts";
import { version } from "./version.ts";

/** The methods of each path. Another method is 405, another path 404. */
const METHODS: Record<string, readonly string[]> = {
  "/": ["GET", "POST"],
  "/stream": ["POST"],
  "/health": ["GET", "HEAD"],
  "/openapi.json": ["GET"],
};
const PLAIN_HOST = /^(?:[\w.-]+|\[[\da-f:]+\])(?::\d+)?$/;

/** The options that an entry passes. Only `env` and `reply` are required. */
export interface AppOptions {
  readonly env: Env;
  /** Passed in, so that nothing below the entries depends on what a partner wrote. */
  readonly reply: PartnersReply;
  /** The default of REQUIRE_SIGNATURE: true if everyone can reach the webhook. False if not given. */
  readonly requireSignature?: boolean;
  readonly clock?: Clock;
  readonly log?: Log;
  /** Fires when the process is about to end: replies in progress then end with the fallback text. */
  readonly stopping?: AbortSignal;
  /** Whether one more message for this app id is allowed now. */
  readonly allow?: Allow | undefined;
  /** Where answers are kept, so that a copy of a signed request does not run the reply logic again. */
  readonly once?: OnceStore | undefined;
  /** How the platform reads a body, where it knows a better way than Web streams. */
  readonly readBytes?: ReadBytes | undefined;
}

/** The webhook as a Hono app: the routes of docs/contract.md, the same on every platform. */
export function createApp({
  env,
  reply,
  requireSignature,
  clock = systemClock,
  log: logOfEntry = consoleLog(env.LOG_FORMAT),
  stopping,
  allow,
  once,
  readBytes,
}: AppOptions): Hono {
  const settings = readSettings(env, reply, requireSignature);
  const about = aboutOf(settings);
  const log = withoutSecrets(neverThrowing(logOfEntry), env);
  // With LOG_FORMAT=text, the start-up lines have said this already.
  if (env.LOG_FORMAT !== "text") {
    const unsigned = about.mode === "unsigned" ? [`${about.mode}: ${about.explanation}`] : [];
    for (const message of [...unsigned, ...about.warnings]) log({ level: "warn", event: "setting", message });
  }

  const answer = createPipeline({ settings, reply: functionOf(reply, env), env, clock, log, stopping, allow, once, readBytes });
  // Hono's smallest router, and a path without decoding: /%73tream is not /stream.
  const app = new Hono({ router: new PatternRouter(), getPath: literalPath });

  const exchangeOf = ({ req }: Context, route: string) => new Exchange(knownMethod(req.method), route, clock, log);
  const refuseRoute = (c: Context) => {
    const { path } = c.req;
    const methods = METHODS[path];
    if (!methods) return exchangeOf(c, "(other)").refuse(new Problem("not_found"));
    const headers = { allow: methods.join(", ") };
    return exchangeOf(c, path).refuse(new Problem("method_not_allowed", { headers }));
  };
  // Hono also calls the handler of /stream for /stream/, and that of GET for HEAD.
  const exactly = (handler: Handler) => (c: Context) =>
    METHODS[c.req.path]?.includes(c.req.method) ? handler(c) : refuseRoute(c);
  const show = (page: Handler) =>
    exactly(async (c) => {
      const exchange = exchangeOf(c, c.req.path);
      const response = await page(c);
      exchange.ended(response.status);
      return response;
    });
  const message = (route: MessageRoute) => exactly((c) => answer(c.req.raw, route, background(c)));

  // One handler for each method and path, because Hono calls a single handler without composing.
  app.get("/", show(home));
  app.post("/", message("/"));
  app.post("/stream", message("/stream"));
  app.get("/health", show(health));
  app.get("/openapi.json", show(openApi));
  app.notFound(refuseRoute);
  app.onError((error, c) => {
    const exchange = exchangeOf(c, c.req.path);
    exchange.failed("reply_failed", error);
    return exchange.refuse(new Problem("reply_failed", { request_id: exchange.id }));
  });

  return app;

  function health(c: Context): Response {
    return c.json({ status: "ok", version });
  }

  function home(c: Context): Response {
    const { json, html } = acceptedTypes(c.req.header("accept") ?? null);
    if (json && !html) return c.json({ status: "ok", version, ...about }, 200, { "cache-control": "no-store", vary: "accept" });
    return pageResponse(shownOrigin(c.req.url, c.req.header("x-forwarded-proto")), settings);
  }

  function openApi(c: Context): Response {
    return c.json(openApiDocument());
  }
}

type Handler = (c: Context) => Response | Promise<Response>;

/**
 * The origin that the page shows. It is checked, because the caller sets the Host header and people copy the command. A proxy
 * that ends TLS says so in X-Forwarded-Proto.
 */
function shownOrigin(url: string, forwardedProto = ""): string {
  const parsed = URL.parse(url);
  const host = parsed?.host;
  const protocol = /^https\s*(?:,|$)/i.test(forwardedProto) ? "https:" : parsed?.protocol;
  return host && PLAIN_HOST.test(host) ? `${protocol}//${host}` : "https://your-webhook.example";
}

/** The path as it was sent, without query or fragment. Hono would decode it. */
function literalPath({ url }: Request): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.slice(start).search(/[?#]/);
  return end === -1 ? url.slice(start) : url.slice(start, start + end);
}

/** Lets work go on after the answer. Where the platform cannot be told of it, the work goes on as long as the process does. */
function background(c: Context): (work: Promise<unknown>) => void {
  return (work) => {
    try {
      c.executionCtx.waitUntil(work);
    } catch {
      // Hono's getter throws if the platform gave no context.
    }
  };
}

function knownMethod(method: string): string {
  return /^[A-Z]{1,10}$/.test(method) ? method : "(other)";
}
