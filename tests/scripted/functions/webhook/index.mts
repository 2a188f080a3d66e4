import type { Config, Context } from "@netlify/functions";
import { createApp } from "../../../../shared/app.ts";
import { executionContext } from "../../../../shared/execution-context.ts";
import { scripted } from "../../reply.ts";

const app = createApp({ env: Netlify.env.toObject(), reply: scripted });

export default (request: Request, context: Context) => app.fetch(request, {}, executionContext(context.waitUntil));

export const config: Config = { path: "/*" };
