import type { HonoBase as Hono } from "hono/hono-base";
import { createApp } from "../shared/app.ts";
import type { PartnersReply } from "../shared/define-reply.ts";

interface Bindings extends Record<string, unknown> {
  /** Optional: a `[[ratelimits]]` binding in wrangler.toml turns rate limiting on. */
  RATE_LIMITER?: RateLimit;
}

/** A Cloudflare Worker with this reply. It only passes the deployment's environment to the core. */
export function createWorker(reply: PartnersReply) {
  let app: Hono | undefined;
  return {
    fetch(request, env, executionContext) {
      app ??= createApp({ env, reply, requireSignature: true, allow: allowBy(env.RATE_LIMITER) });
      return app.fetch(request, env, executionContext);
    },
  } satisfies ExportedHandler<Bindings>;
}

function allowBy(limiter: RateLimit | undefined) {
  // Locally, a shell variable can have the same name.
  if (typeof limiter?.limit !== "function") return undefined;
  return async (key: string) => (await limiter.limit({ key })).success;
}
