import { describe, expect, test } from "vitest";
import { faq } from "../../shared/replies/faq.ts";
import { replyTo } from "../../shared/testing.ts";

describe("the faq reply", () => {
  const reply = async (message: string, lastAnswer?: string) => {
    const history = lastAnswer ? [{ role: "assistant", content: lastAnswer }] : [];
    return (await replyTo(faq, { message, history })).text;
  };

  test("answers by its rules", async () => {
    expect(await reply("When are you OPEN?")).toContain("9:00");
    expect(await reply("what does delivery cost")).toContain("prices");
  });

  test('does not give the same "did not understand" twice', async () => {
    const first = await reply("qwerty");
    expect(first).toContain("did not understand");
    const again = await reply("asdf", first);
    expect(again).toContain("colleague");
    expect(await reply("zxcv", again)).toBe(again);
    expect(await reply("opening hours?", first)).toContain("9:00");
  });
});
