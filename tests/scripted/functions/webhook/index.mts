import type { Config, Context } from "@netlify/functions";
import { createApp } from "../../../../shared/app.ts";
import { scripted } from "../../reply.ts";

const app = createApp({ env: Netlify.env.toObject(), reply: scripted });

export default (request: Request, context: Context) =>
  app.fetch(request, {}, { waitUntil: context.waitUntil, passThroughOnException() {}, props: {} });

export const config: Config = { path: "/*" };
