import { afterAll, expect, test } from "vitest";
import { startLanguageServer } from "../support/language-server.ts";

/** A reply that uses all that a reply gets. The name of a field, and what its docstring says, for every field. */
const FILE = "shared/reply.ts";
const TEXT = `import { conversation } from "./replies/conversation.ts";
import { defineReply } from "./define-reply.ts";
import { replyTo } from "./testing.ts";
import type { Reply } from "./reply-types.ts";

export const reply: Reply = (context) => {
  const { event, version, app, thread, message, history_tail, timestamp } = context;
  const { signal, timeLeft, env, partnerApi, requestId, log } = context;
  app.id; app.name; thread.id; thread.customer_id;
  message.id; message.seq; message.role; message.content; message.content_json;
  history_tail[0]?.role; history_tail[0]?.content; history_tail[0]?.content_json;
  partnerApi?.postMessage; partnerApi?.listThreads;
  return { reply: "", metadata: {} };
};
`;
const SAYS: Record<string, string> = {
  "event,": "Always `message_received`",
  "version,": "The version of this payload",
  "app,": "The App in the dashboard",
  "thread,": "The conversation that the message belongs to",
  "message,": "The message to answer",
  "history_tail,": "oldest first",
  "timestamp }": "ISO 8601",
  "signal,": "Pass it to every `fetch`",
  "timeLeft,": "`REPLY_TIMEOUT_MS`",
  "env,": "The environment",
  "partnerApi,": "Undefined without `BACKEND_URL`",
  "requestId,": "`request_id` in the log",
  "log }": "Writes a line of your own",
  "app.id;": "whose bot answers",
  "app.name;": "decide by `id`",
  "thread.id;": "Test button",
  "thread.customer_id;": "Who is asking",
  "message.id;": "idempotency key",
  "message.seq;": "Usually 2 for the first message",
  "message.role;": "Always `user`",
  "message.content;": "It may be empty",
  "message.content_json;": "What the sender stored with the message",
  "history_tail[0]?.role;": "`user` or `assistant`",
  "history_tail[0]?.content;": "It may be empty",
  "history_tail[0]?.content_json;": "greeting",
  "partnerApi?.postMessage;": "Not idempotent",
  "partnerApi?.listThreads;": "newest change first",
  'reply: ""': "The text that the user sees",
  "metadata: {}": "An object that JSON can carry",
  "Reply =": "The one function that a partner writes",
  "conversation }": "with the current message exactly once",
  "defineReply }": "The schema is checked at start-up",
  "replyTo }": "Sends one message to a reply",
};

const server = await startLanguageServer();
server.open(FILE, TEXT);
afterAll(() => server.stop());

/** The hover of a word in the text: of its last name, such as `id` of `app.id;`. */
function hoverOf(word: string): Promise<string> {
  const [name = ""] = word
    .replace(/(?:: .*| [=}]|[,;])$/, "")
    .split(/\W+/)
    .slice(-1);
  const before = TEXT.slice(0, TEXT.indexOf(word) + word.indexOf(name, word.lastIndexOf(".") + 1)).split("\n");
  return server.hover(FILE, { line: before.length - 1, character: before.at(-1)?.length ?? 0 });
}

test.each(Object.entries(SAYS))("hovering over %s shows its docstring", async (word, says) => {
  expect(TEXT).toContain(word);
  const shown = await hoverOf(word);
  // After the signature.
  expect(shown.split("```").slice(2).join("```")).toContain(says);
});

test("hovering shows each of the three shapes as code", async () => {
  const shown = await hoverOf("Reply =");
  const blocks = [...shown.matchAll(/^(.+):\n\n```ts\n(export const reply: Reply = [^`]*(?:`[^`]+`[^`]*)*?)```$/gm)];
  expect(blocks.map(([, caption]) => caption)).toEqual(["Text", "Text with metadata", "Pieces of text, as they come"]);
  // An editor that joins lines or drops the indentation would make this unreadable.
  expect(shown).toContain('{\n  for (const word of message.content.split(" ")) yield');
});
