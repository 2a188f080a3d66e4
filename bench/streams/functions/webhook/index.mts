import type { Config, Context } from "@netlify/functions";
import { executionContext } from "../../../../shared/execution-context.ts";
import { machineClock } from "../../machine-clock.ts";
import { createStreamSides } from "../../sides.ts";

const answer = createStreamSides(machineClock);

export default (request: Request, { waitUntil }: Context) => answer(request, executionContext(waitUntil));

export const config: Config = { path: "/*" };
