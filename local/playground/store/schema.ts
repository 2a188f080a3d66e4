/** Times are in microseconds since the Unix epoch. `timeout_ms` has no type: the main app takes any JSON there. */
export const SCHEMA = `
  CREATE TABLE apps (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, mode TEXT NOT NULL, webhook_url TEXT, secret TEXT, timeout_ms
  );
  CREATE TABLE subscribers (
    id TEXT PRIMARY KEY, app_id TEXT NOT NULL, customer_id TEXT NOT NULL, display_name TEXT NOT NULL,
    created_at INTEGER NOT NULL, last_seen_at INTEGER, last_message_at INTEGER, UNIQUE (app_id, customer_id)
  );
  CREATE TABLE threads (
    id TEXT PRIMARY KEY, app_id TEXT NOT NULL, subscriber_id TEXT, title TEXT, customer_id TEXT, status TEXT NOT NULL,
    next_seq INTEGER NOT NULL, created_at INTEGER NOT NULL, updated_at INTEGER NOT NULL
  );
  CREATE INDEX threads_by_app ON threads (app_id, updated_at);
  CREATE INDEX threads_by_subscriber ON threads (subscriber_id);
  CREATE TABLE messages (
    id TEXT PRIMARY KEY, thread_id TEXT NOT NULL, seq INTEGER NOT NULL, role TEXT NOT NULL, content TEXT,
    content_json TEXT NOT NULL, created_at INTEGER NOT NULL, UNIQUE (thread_id, seq)
  );
`;
