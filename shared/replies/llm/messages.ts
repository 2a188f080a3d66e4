import type { Turn } from "../conversation.ts";
import type { ToolCall } from "./tool-calls.ts";

/** A message of OpenAI's chat protocol. */
export type ChatMessage =
  | { role: "system" | "user" | "assistant"; content: string }
  | { role: "assistant"; content: string | null; tool_calls: readonly ToolCall[] }
  | { role: "tool"; tool_call_id: string; content: string };

/** Sent for a blank message, which many endpoints refuse. The model then asks what the customer wants. */
const BLANK = "(The customer sent an empty message.)";

/**
 * The instructions and the conversation in the order that every endpoint takes: after the instructions, user and assistant
 * alternate, and a user begins. Messages of one side in a row are joined. What the assistant said first, such as the main
 * app's greeting, goes into the instructions.
 */
export function messagesFor(turns: readonly Turn[], instructions: string): ChatMessage[] {
  const joined: { role: "user" | "assistant"; content: string }[] = [];
  for (const [index, { role, content }] of turns.entries()) {
    const isCurrent = index === turns.length - 1;
    if (content.trim() === "" && !isCurrent) continue;
    const text = content.trim() === "" ? BLANK : content;
    const last = joined.at(-1);
    if (last?.role === role) last.content += `\n\n${text}`;
    else joined.push({ role, content: text });
  }
  const greeting = joined[0]?.role === "assistant" ? joined.shift() : undefined;
  const system = greeting ? `${instructions}\n\nYou began this conversation with:\n${greeting.content}` : instructions;
  return [{ role: "system", content: system }, ...joined];
}
