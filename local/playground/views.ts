import { isoTime, type Microseconds } from "./python/time.ts";
import { dict, type PythonDict } from "./python/value.ts";
import type { Message, Subscriber, SubscriberSummary, Thread, ThreadSummary } from "./store/records.ts";

/** The main app's answers: these members, in this order (observed). */
const time = (at: Microseconds | null) => (at === null ? null : isoTime(at, "Z"));

export function messageView({ id, threadId, seq, role, content, contentJson, createdAt }: Message): PythonDict {
  return dict({
    ...{ id, thread_id: threadId, seq: BigInt(seq), role, content, content_json: contentJson },
    created_at: time(createdAt),
  });
}

export function threadView({ id, appId, subscriberId, title, customerId, status, ...times }: Thread): PythonDict {
  return dict({
    ...{ title, customer_id: customerId, id, app_id: appId, subscriber_id: subscriberId, status },
    ...{ created_at: time(times.createdAt), updated_at: time(times.updatedAt) },
  });
}

export function threadSummaryView({ id, appId, subscriberId, title, customerId, status, ...rest }: ThreadSummary): PythonDict {
  return dict({
    ...{ id, app_id: appId, subscriber_id: subscriberId, title, status, customer_id: customerId },
    ...{ created_at: time(rest.createdAt), updated_at: time(rest.updatedAt), message_count: BigInt(rest.messageCount) },
    ...{ last_message_at: time(rest.lastMessageAt), last_message_preview: rest.lastMessagePreview },
  });
}

export function subscriberView({ id, appId, customerId, displayName, ...times }: Subscriber): PythonDict {
  return dict({
    ...{ customer_id: customerId, display_name: displayName, metadata_json: new Map(), id, app_id: appId },
    ...seenTimes(times),
  });
}

export function subscriberSummaryView({ id, appId, customerId, displayName, ...rest }: SubscriberSummary): PythonDict {
  return dict({
    ...{ id, app_id: appId, customer_id: customerId, display_name: displayName, ...seenTimes(rest) },
    ...{ thread_count: BigInt(rest.threadCount), last_message_preview: rest.lastMessagePreview },
  });
}

function seenTimes({ createdAt, lastSeenAt, lastMessageAt }: Pick<Subscriber, "createdAt" | "lastSeenAt" | "lastMessageAt">) {
  return { created_at: time(createdAt), last_seen_at: time(lastSeenAt), last_message_at: time(lastMessageAt) };
}
