import { describe, expect, test } from "vitest";
import type { PartnersReply } from "../../shared/define-reply.ts";
import { reply } from "../../shared/reply.ts";
import { replyTo } from "../../shared/testing.ts";

/** Without settings and within 4 s: a reply may fail or be too slow here, but what it gives must be a reply. */
async function wrongShape(tested: PartnersReply, message: string): Promise<string | undefined> {
  const { log } = await replyTo(tested, { message, env: { REPLY_TIMEOUT_MS: "4000" } });
  const [, wrong] =
    /TypeError: (.*must (?:be a string|yield strings).*)/.exec(log.map((line) => line.message).join("\n")) ?? [];
  return wrong;
}

test.concurrent.each(["hello", "café 😀", ""])("shared/reply.ts answers %j with text, or fails", async (message) => {
  const wrong = await wrongShape(reply, message);
  if (wrong) expect.fail(`shared/reply.ts answers ${JSON.stringify(message)} with a value of another shape: ${wrong}`);
});

describe("a value of another shape is noticed:", () => {
  const others: [what: string, reply: unknown][] = [
    ["a number", () => 5],
    ["a promise of nothing", async () => undefined],
    ["an object without a reply", () => ({ text: "hello" })],
    [
      "pieces that are no strings",
      async function* () {
        yield 5;
      },
    ],
  ];
  test.each(others)("%s", async (_, other) => {
    expect(await wrongShape(other as PartnersReply, "hello")).toMatch(/^(?:the reply|a streamed reply) must/);
  });
});
