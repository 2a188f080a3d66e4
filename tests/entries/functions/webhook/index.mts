import type { Config } from "@netlify/functions";
import { createHandler } from "../../../../functions/webhook/handler.ts";
import { testReply } from "../../reply.ts";

export default createHandler(testReply);

export const config: Config = { path: "/*" };
