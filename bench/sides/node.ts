/** The benchmark's server on plain Node, on PORT. With `--expose-gc`, `/memory` answers with the heap's bytes after a collection. */
import { createServer } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { executionContext } from "../../shared/execution-context.ts";
import { createSides } from "./sides.ts";

const [answer, context] = [createSides(), executionContext()];
const listener = getRequestListener(async (request) => {
  if (!request.url.endsWith("/memory")) return answer(request, {}, context);
  await globalThis.gc?.({ type: "major", execution: "async" });
  return Response.json(process.memoryUsage().heapUsed);
});
createServer(listener).listen(Number(process.env.PORT), "127.0.0.1");
