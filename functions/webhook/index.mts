import type { Config, Context } from "@netlify/functions";
import { createApp } from "../../shared/app.ts";

const app = createApp({ env: Netlify.env.toObject() });

/** The Netlify Function: hands the deployment's environment to the core, nothing else. */
export default (request: Request, context: Context) =>
  app.fetch(request, {}, { waitUntil: context.waitUntil, passThroughOnException() {}, props: {} });

export const config: Config = { path: "/*" };
