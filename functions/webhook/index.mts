import type { Config } from "@netlify/functions";
import { reply } from "../../shared/reply.ts";
import { createHandler } from "./handler.ts";

export default createHandler(reply);

export const config: Config = { path: "/*" };
