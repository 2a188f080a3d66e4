import { randomUUID } from "node:crypto";
import { GREETING, NIL_ID } from "./main-app.ts";

export interface HistoryEntry {
  readonly role: string;
  readonly content: string;
  readonly content_json?: unknown;
}

export interface MainAppFields {
  readonly content?: string;
  readonly appId?: string;
  readonly threadId?: string;
  readonly appName?: string;
  readonly customerId?: string | null;
  readonly contentJson?: unknown;
  /** The messages before the current one. The current one is added at the end, as the main app does. */
  readonly earlier?: readonly HistoryEntry[];
  /** The whole `history_tail`, in place of `earlier`. */
  readonly historyTail?: readonly HistoryEntry[];
}

const APP_ID = "5b1f6a52-57d8-4a6e-9d1c-1f0c1b2a3d4e";

/** The main app's payload for a user's message: its keys, in its order. Each payload gets new ids. */
export function mainAppPayload(fields: MainAppFields = {}) {
  const { content = "Hello, can you help me?", appName = "Acme support", customerId = "customer-1", contentJson = {} } = fields;
  const current = { role: "user", content, content_json: contentJson };
  return {
    version: "1.0",
    event: "message_received",
    app: { id: fields.appId ?? APP_ID, name: appName },
    thread: { id: fields.threadId ?? (randomUUID() as string), customer_id: customerId },
    message: { id: randomUUID() as string, seq: 2, ...current },
    history_tail: fields.historyTail ?? [...(fields.earlier ?? [GREETING]), current],
    timestamp: pythonTimestamp(),
  };
}

export type MainAppPayload = ReturnType<typeof mainAppPayload>;

/** The payload of the dashboard's Test button: a nil thread id, no history. */
export function testButtonPayload(content = "Test message from the dashboard") {
  const payload = mainAppPayload({ content, customerId: "test-customer", historyTail: [] });
  return {
    ...payload,
    thread: { ...payload.thread, id: NIL_ID },
    message: { ...payload.message, id: "00000000-0000-0000-0000-000000000001", seq: 1 },
  };
}

/** The main app's fallback payload: the message has only `content`, and there is no history. */
export function fallbackPayload(content = "hello") {
  const { history_tail: _, ...payload } = mainAppPayload();
  return { ...payload, message: { content } };
}

/** The payload of the main app's own smoke test. */
export function smokePayload(content = "hello") {
  return {
    version: "1.0",
    event: "message_received",
    app: { id: "test-app", name: "Test" },
    thread: { id: "t1", customer_id: null },
    message: { id: "m1", seq: 1, role: "user", content, content_json: null },
    history_tail: [],
    timestamp: "2026-01-01T12:00:00Z",
  };
}

/** ISO 8601 with microseconds and `+00:00`, as Python writes it. */
export function pythonTimestamp(): string {
  return new Date().toISOString().replace("Z", "000+00:00");
}
