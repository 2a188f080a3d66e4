import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { HttpError, reportMistake } from "../http-error.ts";
import { compactJson } from "../python/text.ts";
import { dict, type PythonValue } from "../python/value.ts";
import type { RunContext } from "../runs/thread-run.ts";
import { loginRoutes } from "./login-routes.ts";
import { ownComputerOnly } from "./own-computer.ts";
import { partnerRoutes } from "./partner-routes.ts";
import { answer } from "./route.ts";

/** The main app was seen to store 1 MB. */
const MAX_BODY_BYTES = 33_554_432;

const errorText = (detail: PythonValue) => compactJson(dict({ detail }));

/** The main app's HTTP API, as far as a webhook and the chat use it: its paths, shapes and errors (observed). */
export function createApi(context: RunContext): Hono {
  const api = new Hono();
  api.use(ownComputerOnly, bodyLimit({ maxSize: MAX_BODY_BYTES }));
  const routes = Object.entries({ ...partnerRoutes(context.store), ...loginRoutes(context) }).map(([route, handler]) => {
    const [method = "", path = ""] = route.split(" ");
    return { method, path, handler };
  });
  for (const { method, path, handler } of routes) api.on(method, path, handler);
  for (const { method, path } of routes)
    api.all(path, (c) => {
      c.header("Allow", method);
      return answer(c, errorText("Method Not Allowed"), 405);
    });
  for (const { path } of routes)
    api.all(`${path}/`, (c) => {
      const url = new URL(c.req.url);
      url.pathname = url.pathname.slice(0, -1);
      return c.body(null, 307, { Location: url.href });
    });
  api.notFound((c) => answer(c, errorText("Not Found"), 404));
  api.onError((error, c) => {
    try {
      if (error instanceof HttpError) return answer(c, errorText(error.detail), error.status);
    } catch {
      // The detail repeats an input that is no JSON. The main app fails there too (observed).
    }
    reportMistake(error);
    return answer(c, errorText("ERROR_INTERNAL"), 500);
  });
  return api;
}
