import { expect } from "vitest";
import { type Answer, jsonOf } from "./target.ts";

/** Codes of a reply that was asked for and failed, such as the llm reply without its settings. */
const FAILED = ["reply_failed", "reply_timeout"];

/**
 * What holds on `/` for every reply that a partner may write: a string, or the problem of a reply that failed. A reply that
 * contains the message is an echo, and must then contain every character of it.
 */
export function expectAnyReply(answer: Answer, message: string): void {
  const { reply, code } = jsonOf(answer);
  if (answer.status !== 200) expect(FAILED).toContain(code);
  else if (String(reply).startsWith("Echo: ")) expect(reply).toBe(`Echo: ${message}`);
  else expect(reply).toEqual(expect.any(String));
}
