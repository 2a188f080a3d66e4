import type { Context } from "@netlify/functions";
import { createApp } from "../../shared/app.ts";
import type { PartnersReply } from "../../shared/define-reply.ts";
import { executionContext } from "../../shared/execution-context.ts";
import type { Env } from "../../shared/reply-types.ts";
import { blobsOnceStore } from "./once-store.ts";

/**
 * A Netlify Function with this reply. It only passes the deployment's environment to the core, and with it the `bindings`:
 * what the reply needs and no environment variable can be, such as a store.
 */
export function createHandler(reply: PartnersReply, bindings: Env = {}) {
  const once = blobsOnceStore();
  const app = createApp({ env: { ...Netlify.env.toObject(), ...bindings }, reply, requireSignature: true, once });
  return async (request: Request, context: Context) => {
    const background = executionContext(context.waitUntil);
    const response = await app.fetch(request, {}, background);
    background.waitUntil(once.sweep());
    return response;
  };
}
