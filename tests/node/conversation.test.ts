import { describe, expect, test } from "vitest";
import { conversation } from "../../shared/replies/conversation.ts";
import { messagesFor } from "../../shared/replies/llm/messages.ts";
import { vectors } from "../support/vectors.ts";

describe("the conversation", () => {
  test("has a repeated message twice, and no empty message", () => {
    const history_tail = [
      { role: "user", content: "hi" },
      { role: "assistant", content: "" },
      { role: "assistant", content: "hello" },
      { role: "tool", content: "not a part of the conversation" },
      { role: "user", content: "hi" },
    ];
    expect(conversation({ message: { content: "hi" }, history_tail })).toEqual([
      { role: "user", content: "hi" },
      { role: "assistant", content: "hello" },
      { role: "user", content: "hi" },
    ]);
  });

  test("has the message before it, also if that is the last one of the user", () => {
    const turns = [{ role: "user", content: "hello" }] as const;
    expect(conversation({ message: { content: "hi" }, history_tail: [...turns] })).toEqual([
      ...turns,
      { role: "user", content: "hi" },
    ]);
  });

  test.each(["history-2-natural", "history-ends-with-assistant", "message-not-in-history", "history-12", "fallback"])(
    "has the current message once, at its end: %s",
    (name) => {
      const recorded = JSON.parse(vectors.find((vector) => vector.name === `${name}/sync/signed`)?.body_text ?? "");
      const sent = conversation({ message: recorded.message, history_tail: recorded.history_tail ?? [] });
      expect(sent.at(-1)).toEqual({ role: "user", content: recorded.message.content });
      expect(sent.filter(({ content }) => content === recorded.message.content)).toHaveLength(1);
      const earlier = (recorded.history_tail ?? []).filter(
        (entry: { content: string }) => entry.content !== recorded.message.content,
      );
      expect(sent.slice(0, -1).map(({ content }) => content)).toEqual(
        earlier.map((entry: { content: string }) => entry.content),
      );
      const roles = messagesFor(sent, "").map(({ role }) => role);
      expect(roles.slice(1)).toEqual(roles.slice(1).map((_, index) => (index % 2 === 0 ? "user" : "assistant")));
    },
  );
});
