import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { HttpError, reportMistake } from "../http-error.ts";
import { streamedRun } from "../runs/streamed-run.ts";
import { syncRun } from "../runs/sync-run.ts";
import { testButton } from "../runs/test-button.ts";
import type { RunContext } from "../runs/thread-run.ts";
import { answer, type Routes } from "./route.ts";
import { bodyOf, fieldsOf, optionalText, pathIds, requiredText } from "./validation.ts";

const THREAD = "/apps/:app_id/threads/:thread_id";
const STREAM_HEADERS = {
  "Content-Type": "text/event-stream; charset=utf-8",
  "Cache-Control": "no-cache",
  Connection: "keep-alive",
  "X-Accel-Buffering": "no",
};

/**
 * The calls of a person who is logged in to the main app. Here nobody logs in, but a call with an App's secret is a
 * webhook's, which the main app refuses (observed).
 */
export function loginRoutes(context: RunContext): Routes {
  const { store } = context;
  const noPartner = (c: Context) => {
    if (c.req.header("x-app-secret") !== undefined) throw new HttpError(401, "Unauthorized");
  };
  const appOf = (id: string) => {
    const app = store.app(id);
    if (!app) throw new HttpError(404, "ERROR_APP_NOT_FOUND");
    return app;
  };
  const placeOf = (c: Context) => {
    noPartner(c);
    const ids = pathIds(c, "app_id", "thread_id");
    const app = appOf(ids.app_id);
    const thread = store.thread(app.id, ids.thread_id);
    if (!thread) throw new HttpError(404, "ERROR_THREAD_NOT_FOUND");
    return { app, thread };
  };
  /** What only the dashboard asks for. The playground's page has its own way. */
  const loginOnly = (): never => {
    throw new HttpError(401, "Unauthorized");
  };

  return {
    [`POST ${THREAD}/run`]: async (c) => {
      const { app, thread } = placeOf(c);
      return answer(c, await syncRun(context, app, thread));
    },
    [`GET ${THREAD}/run/stream`]: (c) => {
      const { app, thread } = placeOf(c);
      const breakOff = (error: unknown) => {
        reportMistake(error);
        (c.env as HttpBindings).outgoing.socket?.destroySoon();
      };
      return c.body(streamedRun(context, app, thread, breakOff), 200, STREAM_HEADERS);
    },
    "POST /apps/:app_id/webhook/test": async (c) => {
      const body = await bodyOf(c);
      noPartner(c);
      const { app_id } = pathIds(c, "app_id");
      const fields = fieldsOf(body, { webhook_url: requiredText, sample_message: optionalText("Hello") });
      const content = fields.sample_message || "Hello";
      return answer(c, await testButton(context, appOf(app_id), fields.webhook_url, content));
    },
    "GET /apps/:app_id": loginOnly,
    "GET /threads/:thread_id": loginOnly,
    "GET /messages/:message_id": loginOnly,
  };
}
