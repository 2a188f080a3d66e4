import type { Context } from "@netlify/functions";
import { createApp } from "../../shared/app.ts";
import type { PartnersReply } from "../../shared/define-reply.ts";
import { executionContext } from "../../shared/execution-context.ts";

/** A Netlify Function with this reply. It only passes the deployment's environment to the core. */
export function createHandler(reply: PartnersReply) {
  const app = createApp({ env: Netlify.env.toObject(), reply, requireSignature: true });
  return (request: Request, context: Context) => app.fetch(request, {}, executionContext(context.waitUntil));
}
