import { expect } from "vitest";
import { type Answer, jsonOf } from "./target.ts";

/**
 * Expects an answer as every reply gives it, because a partner's reply may say anything, or fail. If it repeats the message,
 * each of its characters must be right. The message begins with a word of ASCII letters.
 */
export function expectAnswered(answer: Answer, message: string): void {
  const { reply, code } = jsonOf(answer);
  if (answer.status !== 200) {
    expect(["500 reply_failed", "504 reply_timeout"]).toContain(`${answer.status} ${code}`);
    return;
  }
  expect(reply).toEqual(expect.any(String));
  const [word] = message.match(/^[a-z]+/i) ?? [message];
  if (reply.includes(word)) expect(reply).toContain(message);
}
