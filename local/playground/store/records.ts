import type { Microseconds } from "../python/time.ts";
import type { PythonDict } from "../python/value.ts";

export interface App {
  readonly id: string;
  readonly name: string;
  /** As the dashboard stores it. Every mode that is not one of the webhook's is the simulator. */
  readonly mode: string;
  readonly webhookUrl: string | null;
  /** Used exactly as given. Null or empty: requests are not signed. */
  readonly secret: string | null;
  /** How long a webhook may be silent, in milliseconds. The main app takes any JSON here, and fails if it is no number. */
  readonly timeoutMs: number | string | null;
}

export type AppFields = Omit<App, "id">;

export interface Thread {
  readonly id: string;
  readonly appId: string;
  readonly subscriberId: string | null;
  readonly title: string | null;
  readonly customerId: string | null;
  readonly status: string;
  readonly createdAt: Microseconds;
  readonly updatedAt: Microseconds;
}

export interface Message {
  readonly id: string;
  readonly threadId: string;
  /** From 1, without gaps in a thread. */
  readonly seq: number;
  readonly role: "user" | "assistant";
  readonly content: string | null;
  readonly contentJson: PythonDict | null;
  readonly createdAt: Microseconds;
}

/** A message that is to be added. */
export interface MessageFields extends Pick<Message, "role" | "content"> {
  readonly contentJson?: PythonDict;
}

/** A message with only the start of its text. */
export interface Glimpse extends Message {
  /** Of the whole text, in characters. */
  readonly length: number;
}

export interface Subscriber {
  readonly id: string;
  readonly appId: string;
  readonly customerId: string;
  readonly displayName: string;
  readonly createdAt: Microseconds;
  readonly lastSeenAt: Microseconds | null;
  readonly lastMessageAt: Microseconds | null;
}

export interface ThreadSummary extends Thread {
  readonly messageCount: number;
  readonly lastMessageAt: Microseconds | null;
  readonly lastMessagePreview: string | null;
}

export interface SubscriberSummary extends Subscriber {
  readonly threadCount: number;
  readonly lastMessagePreview: string | null;
}
