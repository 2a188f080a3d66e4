import { type Clock, systemClock } from "./clock.ts";
import { functionOf, type PartnersReply } from "./define-reply.ts";
import { executionContext } from "./execution-context.ts";
import type { LogRecord } from "./log.ts";
import { createPipeline } from "./pipeline.ts";
import type { Env, Message, Reply, ReplyWithMetadata } from "./reply-types.ts";
import { readSettings } from "./settings.ts";

export { TestClock } from "./test-clock.ts";

/** A message to a reply under test. Only `message` is required. */
export interface TestMessage {
  /** The text, or the fields of the message. */
  readonly message: string | Message;
  /** The messages before it, oldest first, without the message itself. */
  readonly history?: readonly { readonly role: string; readonly content: string }[];
  readonly customerId?: string | null;
  readonly threadId?: string;
  readonly appId?: string;
  /** The environment: settings, secrets and bindings. Nothing is read from this computer's. */
  readonly env?: Env;
  /** The computer's clock, or a `TestClock` that the test moves. */
  readonly clock?: Clock;
}

/** What a user sees of a reply. */
export interface TestReply {
  /** All of the text. If the reply failed or took too long, it ends with `FALLBACK_REPLY`. */
  readonly text: string;
  /** The text in the pieces that the user saw, each with its time: milliseconds since the message came. */
  readonly pieces: readonly { readonly text: string; readonly at: number }[];
  /** The metadata, as the reply gave it. */
  readonly metadata: Record<string, unknown> | undefined;
  /** The lines of the log. If the reply failed, one has the `code` `reply_failed` or `reply_timeout`, and why. */
  readonly log: readonly LogRecord[];
}

/**
 * Sends one message to a reply, through the same steps as a deployed webhook, and reads its stream to the end. Nothing is
 * stored, and the message is not signed.
 *
 * @example
 * ```ts
 * // tests/reply/order.test.ts
 * import { expect, test } from "vitest";
 * import { reply } from "../../shared/reply.ts";
 * import { replyTo } from "../../shared/testing.ts";
 *
 * test("helps with an order", async () => {
 *   const history = [{ role: "user", content: "I have order 123456" }];
 *   const { text } = await replyTo(reply, { message: "Where is it?", history });
 *   expect(text).toContain("order");
 * });
 * ```
 */
export async function replyTo(
  reply: PartnersReply,
  { message, history = [], customerId = "test-customer", threadId, appId, env = {}, clock = systemClock }: TestMessage,
): Promise<TestReply> {
  const log: LogRecord[] = [];
  let metadata: Record<string, unknown> | undefined;
  const callReply = functionOf(reply, env);
  const watched: Reply = async (context) => {
    const result = await callReply(context);
    metadata = (result as ReplyWithMetadata | undefined)?.metadata;
    return result;
  };
  const answer = createPipeline({
    // Unsigned, although `env` may have a secret for the reply to use.
    settings: { ...readSettings(env), secrets: [], requireSignature: false },
    reply: watched,
    env,
    clock,
    log: (record) => log.push(record),
  });

  const current = { role: "user", ...(typeof message === "string" ? { content: message } : message) };
  const payload = {
    event: "message_received",
    app: { id: appId ?? crypto.randomUUID() },
    thread: { id: threadId ?? crypto.randomUUID(), customer_id: customerId },
    message: { id: crypto.randomUUID(), seq: history.length + 1, ...current },
    history_tail: [...history, current],
  };
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  const request = new Request("http://localhost/stream", { method: "POST", headers, body: JSON.stringify(payload) });

  const startedAt = clock.uptime();
  const response = await answer(request, "/stream", executionContext().waitUntil);
  if (response.status !== 200) throw new TypeError(`This is not a message that the webhook takes: ${await response.text()}`);
  const pieces: { text: string; at: number }[] = [];
  // Our own stream: one event is one piece.
  for await (const event of (response.body as ReadableStream<BufferSource>).pipeThrough(new TextDecoderStream())) {
    const [, data] = event.split("event: delta\ndata: ");
    if (data) pieces.push({ text: JSON.parse(data).text, at: clock.uptime() - startedAt });
  }
  return { text: pieces.map(({ text }) => text).join(""), pieces, metadata, log };
}
