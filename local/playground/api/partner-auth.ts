import { timingSafeEqual } from "node:crypto";
import type { Context } from "hono";
import { HttpError, InternalError } from "../http-error.ts";
import type { App } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { uuidIn } from "./validation.ts";

const ASCII = /^\p{ASCII}*$/u;

/** The App of a call, checked in the main app's order (observed). Throws an {@link HttpError}, or an InternalError. */
export function partnersApp(c: Context, store: Store, appId: string): App {
  const header = c.req.header("x-app-id");
  const secret = c.req.header("x-app-secret");
  if (!header || secret === undefined) throw new HttpError(401, "ERROR_PARTNER_API_UNAUTHORIZED");
  const named = uuidIn(header);
  if (!named) throw new HttpError(401, "ERROR_PARTNER_API_INVALID_APP_HEADER");
  if (named !== appId) throw new HttpError(401, "ERROR_PARTNER_API_APP_ID_MISMATCH");
  const app = store.app(appId);
  if (!app?.secret) throw new HttpError(401, "ERROR_PARTNER_API_APP_OR_SECRET_INVALID");
  if (!ASCII.test(secret) || !ASCII.test(app.secret)) throw new InternalError("Python compares only ASCII secrets");
  const [given, expected] = [Buffer.from(secret), Buffer.from(app.secret)];
  if (given.length !== expected.length || !timingSafeEqual(given, expected))
    throw new HttpError(401, "ERROR_PARTNER_API_APP_OR_SECRET_INVALID");
  return app;
}
