import type { Config } from "@netlify/functions";
import { createHandler } from "../../../../../functions/webhook/handler.ts";

/** Each run of the reply gives another one. */
export default createHandler(() => crypto.randomUUID());

export const config: Config = { path: "/*" };
