import { expect } from "vitest";
import { type Answer, jsonOf } from "./target.ts";

/** Codes of a reply that was asked for and failed, such as the llm reply without its settings. */
const FAILED = ["reply_failed", "reply_timeout"];

/** What holds on `/` for every reply that a partner may write: a string, or the problem of a reply that failed. */
export function expectAnyReply(answer: Answer): void {
  const { reply, code } = jsonOf(answer);
  if (answer.status !== 200) expect(FAILED).toContain(code);
  else expect(reply).toEqual(expect.any(String));
}
