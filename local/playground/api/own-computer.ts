import type { MiddlewareHandler } from "hono";
import { HttpError } from "../http-error.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Refuses what a page of another site can make a browser send. `Host` is checked because such a site can point its own name
 * at 127.0.0.1 (DNS rebinding). A webhook sends no `Origin`.
 */
export const ownComputerOnly: MiddlewareHandler = async (c, next) => {
  const host = c.req.header("host") ?? "";
  if (!LOOPBACK.includes(URL.parse(`http://${host}`)?.hostname ?? ""))
    throw new HttpError(403, "This server is for this computer only: call it by the name localhost.");
  const origin = c.req.header("origin");
  const site = c.req.header("sec-fetch-site") ?? "none";
  if ((origin === undefined || origin === `http://${host}`) && ["none", "same-origin"].includes(site)) return next();
  // What the main app's CORS says (observed).
  if (c.req.method === "OPTIONS") return c.text("Disallowed CORS origin", 400);
  throw new HttpError(403, "Another site's page may not call this server.");
};
