import * as v from "valibot";
import { isRealId } from "../uuid.ts";

/** The answers of the main app's Partner API. Unknown fields are ignored. */
export const MessageSchema = v.object({
  // The id and seq become part of the `done` event, which must stay small, and which the dashboard trusts.
  id: v.pipe(v.string(), v.check(isRealId)),
  thread_id: v.string(),
  seq: v.pipe(v.number(), v.integer()),
  role: v.string(),
  content: v.nullish(v.string()),
  content_json: v.unknown(),
  created_at: v.string(),
});

export const ThreadSchema = v.object({
  id: v.string(),
  app_id: v.string(),
  title: v.nullish(v.string()),
  customer_id: v.nullish(v.string()),
  subscriber_id: v.nullish(v.string()),
  status: v.string(),
  created_at: v.string(),
  updated_at: v.string(),
});

export const SubscriberSchema = v.object({
  id: v.string(),
  app_id: v.string(),
  customer_id: v.nullish(v.string()),
  display_name: v.nullish(v.string()),
  created_at: v.string(),
  last_seen_at: v.nullish(v.string()),
  last_message_at: v.nullish(v.string()),
});

export const MessagesSchema = v.array(MessageSchema);
export const ThreadPageSchema = v.object({ items: v.array(ThreadSchema), next_cursor: v.nullish(v.string()) });
export const SubscriberPageSchema = v.object({ items: v.array(SubscriberSchema), next_cursor: v.nullish(v.string()) });

export type Message = v.InferOutput<typeof MessageSchema>;
export type Thread = v.InferOutput<typeof ThreadSchema>;
export type Subscriber = v.InferOutput<typeof SubscriberSchema>;
export type ThreadPage = v.InferOutput<typeof ThreadPageSchema>;
export type SubscriberPage = v.InferOutput<typeof SubscriberPageSchema>;
