import type { Config, Context } from "@netlify/functions";
import { machineClock } from "../../machine-clock.ts";
import { createStreamSides } from "../../sides.ts";

const answer = createStreamSides(machineClock);

export default (request: Request, { waitUntil }: Context) =>
  answer(request, { waitUntil, passThroughOnException() {}, props: {} });

export const config: Config = { path: "/*" };
