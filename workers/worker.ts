import type { HonoBase as Hono } from "hono/hono-base";
import { createApp } from "../shared/app.ts";
import type { PartnersReply } from "../shared/define-reply.ts";
import { durableObjectStore, type OnceObject } from "./once-object.ts";

interface Bindings extends Record<string, unknown> {
  /** The Durable Objects in which a signed request and its answer are kept. */
  ONCE?: DurableObjectNamespace<OnceObject>;
  /** Optional: a `[[ratelimits]]` binding in wrangler.toml turns rate limiting on. */
  RATE_LIMITER?: RateLimit;
}

/** A Cloudflare Worker with this reply. It only passes the deployment's environment to the core. */
export function createWorker(reply: PartnersReply) {
  let app: Hono | undefined;
  return {
    fetch(request, env, executionContext) {
      app ??= createApp({ env, reply, requireSignature: true, allow: allowBy(env.RATE_LIMITER), once: onceBy(env.ONCE) });
      return app.fetch(request, env, executionContext);
    },
  } satisfies ExportedHandler<Bindings>;
}

// Locally, a shell variable can have the same name as a binding.

function allowBy(limiter: RateLimit | undefined) {
  if (typeof limiter?.limit !== "function") return undefined;
  return async (key: string) => (await limiter.limit({ key })).success;
}

function onceBy(objects: DurableObjectNamespace<OnceObject> | undefined) {
  return typeof objects?.getByName === "function" ? durableObjectStore(objects) : undefined;
}
