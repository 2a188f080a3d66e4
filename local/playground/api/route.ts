import type { Context } from "hono";
import type { HttpError } from "../http-error.ts";

export type Route = readonly [method: "GET" | "POST", path: string, handler: (c: Context) => Response | Promise<Response>];

/** JSON with the headers that FastAPI gives it: no charset. */
export function answer(c: Context, json: string, status: HttpError["status"] | 200 | 500 = 200): Response {
  return c.body(json, status, { "Content-Type": "application/json" });
}
