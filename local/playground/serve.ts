import { getRequestListener } from "@hono/node-server";
import { listenOnLoopback, type Serving } from "../http/loopback.ts";

type Fetch = Parameters<typeof getRequestListener>[0];

/** Serves on both loopback addresses; port 0 takes a free one. Rejects with the error of `listen`, such as EADDRINUSE. */
export function serve(app: { readonly fetch: Fetch }, port: number): Promise<Serving> {
  return listenOnLoopback(getRequestListener(app.fetch), port);
}
