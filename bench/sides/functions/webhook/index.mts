import type { Config, Context } from "@netlify/functions";
import { executionContext } from "../../../../shared/execution-context.ts";
import { createSides } from "../../sides.ts";

const answer = createSides();
export default (request: Request, { waitUntil }: Context) => answer(request, {}, executionContext(waitUntil));
export const config: Config = { path: "/*" };
