/** Your tests of your reply: this folder is yours, and no upgrade touches it. Run them with: npm run test:reply */
import { expect, test } from "vitest";
import { reply } from "../../shared/reply.ts";
import { replyTo } from "../../shared/testing.ts";

test("says something to a greeting", async () => {
  const { text } = await replyTo(reply, { message: "hello" });
  expect(text).not.toBe("");
});
