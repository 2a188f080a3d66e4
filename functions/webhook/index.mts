import type { Config, Context } from "@netlify/functions";
import { createApp } from "../../shared/app.ts";
import { executionContext } from "../../shared/execution-context.ts";

const app = createApp({ env: Netlify.env.toObject(), requireSignature: true });

/** The Netlify Function. It only passes the deployment's environment to the core. */
export default (request: Request, context: Context) => app.fetch(request, {}, executionContext(context.waitUntil));

export const config: Config = { path: "/*" };
