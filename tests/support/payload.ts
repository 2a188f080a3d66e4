/** The smallest payload with this message, and extra fields. */
export function payload(content: string, extra: object = {}): object {
  return { event: "message_received", app: { id: "test-app" }, thread: { id: "t1" }, message: { content }, ...extra };
}

/** The body of the main app's own smoke test: spaced separators, and ids that are no UUIDs. */
export const SMOKE_BODY =
  '{"version": "1.0", "event": "message_received", "app": {"id": "test-app", "name": "Test App"}, ' +
  '"thread": {"id": "t1", "customer_id": null}, "message": {"id": "m1", "seq": 1, "role": "user", "content": "hello", ' +
  '"content_json": null}, "history_tail": [], "timestamp": "2026-01-01T12:00:00Z"}';

export const NIL_THREAD = { thread: { id: "00000000-0000-0000-0000-000000000000", customer_id: "test-customer" } };
