import type { Context } from "hono";
import { HttpError } from "../http-error.ts";
import { compactJson } from "../python/text.ts";
import { dict } from "../python/value.ts";
import type { Message } from "../store/records.ts";
import type { Store } from "../store/store.ts";
import { messageView, subscriberSummaryView, subscriberView, threadSummaryView, threadView } from "../views.ts";
import { MAX_LIMIT, pageText } from "./paging.ts";
import { partnersApp } from "./partner-auth.ts";
import { answer, type Routes } from "./route.ts";
import { bodyOf, fieldsOf, object, optionalText, pathIds, queryIntegers } from "./validation.ts";

const MAX_CUSTOMER_ID = 128;
const DEFAULT_MESSAGES = 50;
const THREADS = "/apps/:app_id/threads";
const MESSAGES = `${THREADS}/:thread_id/messages`;
const SUBSCRIBERS = "/apps/:app_id/subscribers";
const SUBSCRIBER = `${SUBSCRIBERS}/:subscriber_id`;

/** The calls that a webhook may make: the Partner API (observed). A body is read before anything else is checked. */
export function partnerRoutes(store: Store): Routes {
  const appOf = (c: Context) => partnersApp(c, store, pathIds(c, "app_id").app_id);
  const threadOf = (c: Context) => {
    const app = appOf(c);
    const thread = store.thread(app.id, pathIds(c, "thread_id").thread_id);
    if (!thread) throw new HttpError(404, "ERROR_THREAD_NOT_FOUND");
    return thread;
  };
  const subscriberOf = (c: Context) => {
    const app = appOf(c);
    const subscriber = store.subscriber(app.id, pathIds(c, "subscriber_id").subscriber_id);
    if (!subscriber) throw new HttpError(404, "ERROR_SUBSCRIBER_NOT_FOUND");
    return subscriber;
  };
  const byChange = { updated_at: ({ updatedAt }: { updatedAt: number }) => updatedAt };

  const addMessage = (role: Message["role"]) => async (c: Context) => {
    const body = await bodyOf(c);
    const thread = threadOf(c);
    const { content, content_json } = fieldsOf(body, { content: optionalText(), content_json: object });
    const own = role === "assistant" ? { source: "dashboard_agent" } : {};
    const contentJson = new Map([...content_json, ...dict(own)]);
    return answer(c, compactJson(messageView(store.addMessage(thread.id, { role, content, contentJson }))));
  };

  return {
    [`GET ${THREADS}`]: (c) => {
      const app = appOf(c);
      const filter = { customerId: c.req.query("customer_id") ?? "", status: c.req.query("status") ?? "" };
      const rows = (page: Parameters<Store["threads"]>[1]) => store.threads(app.id, page, filter);
      return answer(c, pageText(c, { times: byChange, rows, view: threadView }));
    },
    [`POST ${THREADS}`]: async (c) => {
      const body = await bodyOf(c);
      const app = appOf(c);
      const fields = fieldsOf(body, { title: optionalText(), customer_id: optionalText(null, MAX_CUSTOMER_ID) });
      const { thread, greeting } = store.createThread(app.id, { title: fields.title, customerId: fields.customer_id });
      return answer(c, compactJson(dict({ thread: threadView(thread), initial_message: messageView(greeting) })));
    },
    [`GET ${MESSAGES}`]: (c) => {
      const thread = threadOf(c);
      const { before_seq: beforeSeq, limit } = queryIntegers<{ before_seq: number | undefined; limit: number }>(c, {
        before_seq: { byDefault: undefined },
        limit: { byDefault: DEFAULT_MESSAGES, from: 1, to: MAX_LIMIT },
      });
      return answer(c, compactJson(store.messages(thread.id, { limit, beforeSeq }).map(messageView)));
    },
    [`POST ${MESSAGES}`]: addMessage("user"),
    [`POST ${MESSAGES}/assistant`]: addMessage("assistant"),
    [`GET ${SUBSCRIBERS}`]: (c) => {
      const app = appOf(c);
      const times = {
        activity_at: ({ lastMessageAt }: { lastMessageAt: number | null }) => lastMessageAt ?? 0,
        created_at: ({ createdAt }: { createdAt: number }) => createdAt,
      };
      const rows = (page: Parameters<Store["subscribers"]>[1]) => store.subscribers(app.id, page, c.req.query("q"));
      return answer(c, pageText(c, { times, rows, view: subscriberSummaryView }));
    },
    [`GET ${SUBSCRIBER}`]: (c) => answer(c, compactJson(subscriberView(subscriberOf(c)))),
    [`GET ${SUBSCRIBER}/threads`]: (c) => {
      const { appId, id } = subscriberOf(c);
      const rows = (page: Parameters<Store["threadsOfSubscriber"]>[2]) => store.threadsOfSubscriber(appId, id, page);
      return answer(c, pageText(c, { times: byChange, rows, view: threadSummaryView }));
    },
  };
}
