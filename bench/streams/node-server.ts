/** Both sides behind @hono/node-server, on PORT. With `--expose-gc`, `GET /memory` tells what is left after a collection. */

import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { executionContext } from "../../shared/execution-context.ts";
import { machineClock } from "./machine-clock.ts";
import { createStreamSides } from "./sides.ts";

const answer = createStreamSides(machineClock);
const context = executionContext();

const listener = getRequestListener((request) => (request.url.endsWith("/memory") ? memory() : answer(request, context)));
createServer(listener).listen(Number(process.env.PORT), "127.0.0.1");
process.once("SIGTERM", () => process.exit(0));

async function memory(): Promise<Response> {
  // Twice, with a turn of the event loop between: what the first frees can hold more.
  for (let i = 0; i < 2; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve));
  }
  const { rss, heapUsed } = process.memoryUsage();
  return Response.json({ rss, heapUsed });
}
