import { randomUUID } from "node:crypto";
import { GREETING, NIL_ID } from "./main-app.ts";

export interface HistoryEntry {
  readonly role: string;
  readonly content: string;
  readonly content_json?: unknown;
}

export interface MainAppFields {
  readonly content?: string;
  readonly appName?: string;
  readonly customerId?: string | null;
  readonly contentJson?: unknown;
  /** What came before the current message, which is added as the main app adds it. */
  readonly earlier?: readonly HistoryEntry[];
  /** The whole `history_tail` instead, as it is. */
  readonly historyTail?: readonly HistoryEntry[];
}

const APP_ID = "5b1f6a52-57d8-4a6e-9d1c-1f0c1b2a3d4e";

/** What the main app sends for a user's message: its keys, in its order. Each has ids of its own. */
export function mainAppPayload(fields: MainAppFields = {}) {
  const { content = "Hello, can you help me?", appName = "Acme support", customerId = "customer-1", contentJson = {} } = fields;
  const current = { role: "user", content, content_json: contentJson };
  return {
    version: "1.0",
    event: "message_received",
    app: { id: APP_ID, name: appName },
    thread: { id: randomUUID() as string, customer_id: customerId },
    message: { id: randomUUID() as string, seq: 2, ...current },
    history_tail: fields.historyTail ?? [...(fields.earlier ?? [GREETING]), current],
    timestamp: pythonTimestamp(),
  };
}

export type MainAppPayload = ReturnType<typeof mainAppPayload>;

/** What the dashboard's Test button sends: no thread, no history. */
export function testButtonPayload(content = "Test message from the dashboard") {
  const payload = mainAppPayload({ content, customerId: "test-customer", historyTail: [] });
  return {
    ...payload,
    thread: { ...payload.thread, id: NIL_ID },
    message: { ...payload.message, id: "00000000-0000-0000-0000-000000000001", seq: 1 },
  };
}

/** The main app's reduced payload: a message of nothing but content, and no history. */
export function fallbackPayload(content = "hello") {
  const { history_tail: _, ...payload } = mainAppPayload();
  return { ...payload, message: { content } };
}

/** What the main app's own smoke test of a webhook sends. */
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
function pythonTimestamp(): string {
  return new Date().toISOString().replace("Z", "000+00:00");
}
