import type { Context } from "hono";
import type { HttpError } from "../http-error.ts";

/** Handlers by method and path, such as `GET /apps/:app_id/threads`. */
export type Routes = Readonly<Record<string, (c: Context) => Response | Promise<Response>>>;

/** JSON with the headers that FastAPI gives it: no charset. */
export function answer(c: Context, json: string, status: HttpError["status"] | 200 | 500 = 200): Response {
  return c.body(json, status, { "Content-Type": "application/json" });
}
