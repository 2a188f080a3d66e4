import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { executionContext } from "../../shared/execution-context.ts";

type Answer = (request: Request, env: object, context: ReturnType<typeof executionContext>) => Response | Promise<Response>;

/** Serves a function from Request to Response on PORT. */
export function serveFetch(answer: Answer): void {
  const context = executionContext();
  const listener = getRequestListener((request) => answer(request, {}, context));
  createServer(listener).listen(Number(process.env.PORT), "127.0.0.1");
}
