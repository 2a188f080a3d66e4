import type { Config } from "@netlify/functions";
import { createHandler } from "../../../../../functions/webhook/handler.ts";
import { echo } from "../../../../../shared/replies/echo.ts";

export default createHandler(echo);

export const config: Config = { path: "/*" };
