import { GREETING } from "../../sender/main-app.ts";
import { InternalError } from "../http-error.ts";
import { storableText, throughJsonb } from "../python/jsonb.ts";
import { parsePythonJson } from "../python/parse-json.ts";
import { compactJson } from "../python/text.ts";
import { microsecondsNow } from "../python/time.ts";
import { dict, type PythonDict } from "../python/value.ts";
import type { Database } from "./database.ts";
import { type Keyset, pageOf } from "./keyset.ts";
import type {
  App,
  AppFields,
  Glimpse,
  Message,
  MessageFields,
  Subscriber,
  SubscriberSummary,
  Thread,
  ThreadSummary,
} from "./records.ts";

/** A message was added to the thread since `/run` read it. The main app fails then, and loses the reply (observed). */
export class StaleThread extends InternalError {}

const APP = "id, name, mode, webhook_url AS webhookUrl, secret, timeout_ms AS timeoutMs";
const THREAD = `id, app_id AS appId, subscriber_id AS subscriberId, title, customer_id AS customerId, status,
  created_at AS createdAt, updated_at AS updatedAt`;
const messageWith = (content: string) =>
  `id, thread_id AS threadId, seq, role, ${content}, content_json AS contentJson, created_at AS createdAt`;
const MESSAGE = messageWith("content");
const GLIMPSE = messageWith("substr(content, 1, ?) AS content, length(content) AS length");
const SUBSCRIBER = `id, app_id AS appId, customer_id AS customerId, display_name AS displayName, created_at AS createdAt,
  last_seen_at AS lastSeenAt, last_message_at AS lastMessageAt`;

/** The main app's tables, as far as a webhook and its dashboard meet them. */
export class Store {
  readonly #db: Database;
  readonly #newId: () => string;
  readonly #listeners: ((message: Message) => void)[] = [];

  constructor(db: Database, newId: () => string) {
    this.#db = db;
    this.#newId = newId;
  }

  /** Calls `listener` with each message that is added, after it is stored. */
  onMessage(listener: (message: Message) => void): void {
    this.#listeners.push(listener);
  }

  close(): void {
    this.#db.close();
  }

  createApp({ name, mode, webhookUrl, secret, timeoutMs }: AppFields): App {
    const id = this.#newId();
    const values = [id, storableText(name), mode, webhookUrl, secret, timeoutMs];
    this.#db.run("INSERT INTO apps (id, name, mode, webhook_url, secret, timeout_ms) VALUES (?, ?, ?, ?, ?, ?)", ...values);
    return this.app(id) as App;
  }

  updateApp(id: string, changes: Partial<AppFields>): App | undefined {
    const app = this.app(id);
    if (!app) return undefined;
    const { name, mode, webhookUrl, secret, timeoutMs } = { ...app, ...changes };
    const values = [storableText(name), mode, webhookUrl, secret, timeoutMs, id];
    this.#db.run("UPDATE apps SET name = ?, mode = ?, webhook_url = ?, secret = ?, timeout_ms = ? WHERE id = ?", ...values);
    return this.app(id);
  }

  /** With its threads and subscribers. */
  deleteApp(id: string): void {
    this.#db.transaction(() => {
      this.#db.run("DELETE FROM messages WHERE thread_id IN (SELECT id FROM threads WHERE app_id = ?)", id);
      for (const table of ["threads", "subscribers"]) this.#db.run(`DELETE FROM ${table} WHERE app_id = ?`, id);
      this.#db.run("DELETE FROM apps WHERE id = ?", id);
    });
  }

  deleteThread(id: string): void {
    this.#db.transaction(() => {
      this.#db.run("DELETE FROM messages WHERE thread_id = ?", id);
      this.#db.run("DELETE FROM threads WHERE id = ?", id);
    });
  }

  app(id: string): App | undefined {
    return this.#db.get<App>(`SELECT ${APP} FROM apps WHERE id = ?`, id);
  }

  apps(): App[] {
    return this.#db.all<App>(`SELECT ${APP} FROM apps ORDER BY rowid`);
  }

  /** A new thread. Its first message is the greeting, as in the main app. */
  createThread(appId: string, { title = null, customerId = null }: Partial<Pick<Thread, "title" | "customerId">> = {}) {
    const created = this.#db.transaction(() => {
      for (const text of [title, customerId]) storableText(text ?? "");
      const subscriberId = customerId ? this.#seenSubscriber(appId, customerId) : null;
      const id = this.#newId();
      const now = microsecondsNow();
      this.#db.run(
        `INSERT INTO threads (id, app_id, subscriber_id, title, customer_id, status, next_seq, created_at, updated_at)
          VALUES (?, ?, ?, ?, ?, 'active', 1, ?, ?)`,
        ...[id, appId, subscriberId, title, customerId, now, now],
      );
      const { content, content_json } = GREETING;
      const greeting = this.#insert(id, { role: "assistant", content, contentJson: dict(content_json) });
      return { thread: this.thread(appId, id) as Thread, greeting };
    });
    this.#tell(created.greeting);
    return created;
  }

  thread(appId: string, id: string): Thread | undefined {
    return this.#db.get<Thread>(`SELECT ${THREAD} FROM threads WHERE app_id = ? AND id = ?`, appId, id);
  }

  /** A thread of any App. */
  threadOfAnyApp(id: string): Thread | undefined {
    return this.#db.get<Thread>(`SELECT ${THREAD} FROM threads WHERE id = ?`, id);
  }

  /** Newest change first. */
  threads(appId: string, page: Keyset, { customerId = "", status = "" } = {}): Thread[] {
    const filter = "app_id = ? AND (? = '' OR customer_id = ?) AND (? = '' OR status = ?)";
    const { where, order, values } = pageOf(["updated_at", "id"], page);
    return this.#db.all<Thread>(
      `SELECT ${THREAD} FROM threads WHERE ${filter} ${where} ${order}`,
      ...[appId, customerId, customerId, status, status, ...values],
    );
  }

  /** Newest change first. */
  threadsOfSubscriber(appId: string, subscriberId: string, page: Keyset): ThreadSummary[] {
    const { where, order, values } = pageOf(["updated_at", "id"], page);
    return this.#db.all<ThreadSummary>(
      `SELECT ${THREAD},
          (SELECT count(*) FROM messages WHERE thread_id = threads.id) AS messageCount,
          (SELECT max(created_at) FROM messages WHERE thread_id = threads.id) AS lastMessageAt,
          (SELECT content FROM messages WHERE thread_id = threads.id ORDER BY created_at DESC LIMIT 1) AS lastMessagePreview
        FROM threads WHERE app_id = ? AND subscriber_id = ? ${where} ${order}`,
      ...[appId, subscriberId, ...values],
    );
  }

  subscriber(appId: string, id: string): Subscriber | undefined {
    return this.#db.get<Subscriber>(`SELECT ${SUBSCRIBER} FROM subscribers WHERE app_id = ? AND id = ?`, appId, id);
  }

  /** Newest message first. `search` is a part of the customer id, in upper or lower case. */
  subscribers(appId: string, page: Keyset, search = ""): SubscriberSummary[] {
    const { where, order, values } = pageOf(["coalesce(last_message_at, 0)", "created_at", "id"], page);
    return this.#db.all<SubscriberSummary>(
      `SELECT ${SUBSCRIBER},
          (SELECT count(*) FROM threads WHERE subscriber_id = subscribers.id) AS threadCount,
          (SELECT content FROM messages JOIN threads ON threads.id = thread_id WHERE subscriber_id = subscribers.id
            ORDER BY messages.created_at DESC LIMIT 1) AS lastMessagePreview
        FROM subscribers WHERE app_id = ? AND folded(customer_id) LIKE '%' || folded(?) || '%' ${where} ${order}`,
      ...[appId, search, ...values],
    );
  }

  /**
   * Adds a message to a thread of {@link thread}. With `expectedSeq`, only if no other was added since that was the next one;
   * otherwise throws {@link StaleThread}. Throws NotStorable.
   */
  addMessage(threadId: string, message: MessageFields, expectedSeq?: number): Message {
    const added = this.#db.transaction(() => {
      if (expectedSeq !== undefined && expectedSeq !== this.nextSeq(threadId))
        throw new StaleThread("a message was added to the thread in the meantime");
      if (message.role === "user") this.#noteActivity(threadId);
      return this.#insert(threadId, message);
    });
    this.#tell(added);
    return added;
  }

  nextSeq(threadId: string): number {
    return this.#db.get<{ next: number }>("SELECT next_seq AS next FROM threads WHERE id = ?", threadId)?.next ?? 1;
  }

  /** The oldest messages, or the oldest of those before `beforeSeq`; oldest first. */
  messages(threadId: string, { limit = 50, beforeSeq }: { limit?: number; beforeSeq?: number | undefined } = {}): Message[] {
    const sql = `SELECT ${MESSAGE} FROM messages WHERE thread_id = ? AND seq < ? ORDER BY seq LIMIT ?`;
    return this.#db.all<MessageRow>(sql, threadId, beforeSeq ?? Number.MAX_SAFE_INTEGER, limit).map(messageOf);
  }

  /** The last messages, oldest first. */
  tail(threadId: string, count: number): Message[] {
    const sql = `SELECT ${MESSAGE} FROM messages WHERE thread_id = ? ORDER BY seq DESC LIMIT ?`;
    return this.#db.all<MessageRow>(sql, threadId, count).map(messageOf).reverse();
  }

  /** The last messages, or the last of those before `beforeSeq`: each with at most `most` characters of its text. Oldest first. */
  glimpses(threadId: string, count: number, most: number, beforeSeq = Number.MAX_SAFE_INTEGER): Glimpse[] {
    const sql = `SELECT ${GLIMPSE} FROM messages WHERE thread_id = ? AND seq < ? ORDER BY seq DESC LIMIT ?`;
    const rows = this.#db.all<MessageRow & { length: number | null }>(sql, most, threadId, beforeSeq, count);
    return rows.map((row) => ({ ...messageOf(row), length: row.length ?? 0 })).reverse();
  }

  lastUserMessage(threadId: string): Message | undefined {
    const sql = `SELECT ${MESSAGE} FROM messages WHERE thread_id = ? AND role = 'user' ORDER BY seq DESC LIMIT 1`;
    const row = this.#db.get<MessageRow>(sql, threadId);
    return row && messageOf(row);
  }

  #tell(message: Message): void {
    for (const listener of this.#listeners) listener(message);
  }

  #insert(threadId: string, { role, content, contentJson = new Map() }: MessageFields): Message {
    const seq = this.nextSeq(threadId);
    this.#db.run("UPDATE threads SET next_seq = next_seq + 1, updated_at = ? WHERE id = ?", microsecondsNow(), threadId);
    const row = {
      ...{ id: this.#newId(), threadId, seq, role, content: content === null ? null : storableText(content) },
      ...{ contentJson: compactJson(throughJsonb(contentJson)), createdAt: microsecondsNow() },
    };
    const columns = "id, thread_id, seq, role, content, content_json, created_at";
    this.#db.run(`INSERT INTO messages (${columns}) VALUES (?, ?, ?, ?, ?, ?, ?)`, ...Object.values(row));
    return messageOf(row);
  }

  /** The subscriber of a user's message has been seen. */
  #noteActivity(threadId: string): void {
    const thread = this.threadOfAnyApp(threadId);
    if (!thread?.customerId) return;
    const subscriberId = this.#seenSubscriber(thread.appId, thread.customerId);
    const now = microsecondsNow();
    this.#db.run("UPDATE threads SET subscriber_id = ? WHERE id = ?", subscriberId, threadId);
    this.#db.run("UPDATE subscribers SET last_seen_at = ?, last_message_at = ? WHERE id = ?", now, now, subscriberId);
  }

  #seenSubscriber(appId: string, customerId: string): string {
    const now = microsecondsNow();
    this.#db.run(
      `INSERT INTO subscribers (id, app_id, customer_id, display_name, created_at, last_seen_at) VALUES (?, ?, ?, ?, ?, ?)
        ON CONFLICT (app_id, customer_id) DO UPDATE SET last_seen_at = excluded.last_seen_at`,
      ...[this.#newId(), appId, customerId, customerId, now, now],
    );
    const sql = "SELECT id FROM subscribers WHERE app_id = ? AND customer_id = ?";
    return this.#db.get<{ id: string }>(sql, appId, customerId)?.id ?? "";
  }
}

type MessageRow = Omit<Message, "contentJson"> & { contentJson: string };

function messageOf(row: MessageRow): Message {
  return { ...row, contentJson: parsePythonJson(row.contentJson) as PythonDict };
}
