import type { ReplyContext } from "../reply-types.ts";

/** One message of a conversation, as language models take it. */
export interface Turn {
  readonly role: "user" | "assistant";
  readonly content: string;
}

/**
 * The thread so far, oldest first, with the current message exactly once, at its end: ready for a language model.
 *
 * `history_tail` usually ends with the current message. If answers were stored after it, it stands further up, and after
 * many answers it is missing (all three were seen). Empty messages and other roles are left out.
 */
export function conversation({ message, history_tail }: Pick<ReplyContext, "message" | "history_tail">): Turn[] {
  const lastUser = history_tail.findLastIndex(({ role }) => role === "user");
  const earlier = history_tail.filter((entry, index) => index !== lastUser || entry.content !== message.content);
  const earlierTurns = earlier.flatMap(({ role, content }): Turn[] => {
    if (content === "" || (role !== "user" && role !== "assistant")) return [];
    return [{ role, content }];
  });
  return [...earlierTurns, { role: "user", content: message.content }];
}
