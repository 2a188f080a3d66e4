import { afterAll, describe, expect, test } from "vitest";
import { askLlm, stopModels } from "../support/ask-llm.ts";

afterAll(stopModels);

describe.concurrent("what a provider says about an error", () => {
  const refusal = (error: object, status = 404) => ({
    status,
    headers: { "content-type": "application/json" },
    pieces: [JSON.stringify({ error })],
  });

  test.each([
    ["quotes the message", "Where is my order 4711?", "invalid content: 'where is my order 4711?'"],
    ["quotes a part of it", "my card is 1234 5678 9012 3456, please", 'bad input near "1234 5678 9012"'],
    ["quotes a short message", "4711", "cannot parse '4711'"],
    ["quotes a short message without its punctuation", "PIN: 4711!", "the pin 4711 is no date"],
    ["quotes a message of many short words", "It is 4 7 1 1.", "what is 'it is 4 7 1 1'?"],
    ["quotes it as JSON", 'my "secret" card', 'got {"content":"my \\"secret\\" card"}'],
    ["quotes it at its end", "my secret is 1234567890", `${"x ".repeat(145)}my secret is 1234567890`],
  ])("is not logged if it %s", async (_, message, words) => {
    const { said } = await askLlm([refusal({ message: words })], { message });
    expect(said).toContain("refused with 404: (its words quote the conversation)");
    expect(said).not.toMatch(/4 ?7 ?1 ?1|1234|secret/);
  });

  test.each([400, 413, 415, 422])("is not logged with the status %i, which is about the input", async (status) => {
    const { said } = await askLlm([refusal({ code: "bad_input", message: "near '4711'" }, status)], {
      message: "my PIN is 4711",
    });
    expect(said).toContain(`refused with ${status}: bad_input (its words may quote the conversation)`);
    expect(said).not.toContain("4711");
  });

  test("is not logged of HTML, which quotes in another way", async () => {
    const html = { status: 404, headers: { "content-type": "text/html; charset=utf-8" }, pieces: ["nothing for O&#39;Neil"] };
    const { said } = await askLlm([html], { message: "O'Neil" });
    expect(said).toContain("refused with 404: no reason given");
    expect(said).not.toContain("Neil");
  });

  test("is not logged as a code or a type that is a sentence", async () => {
    const { said } = await askLlm([refusal({ code: "bad: my secret", type: "x".repeat(100_000), message: "no" })], {
      message: "hi",
    });
    expect(said).toContain("refused with 404: no");
    expect(said).not.toMatch(/secret|xxx/);
  });

  test("is not logged if it quotes the greeting", async () => {
    const history = [{ role: "assistant", content: "Welcome back, Ms Smith of Berlin" }];
    const { said } = await askLlm([refusal({ message: "near 'Ms Smith of Berlin'" })], { message: "hi", history });
    expect(said).not.toContain("Smith");
  });

  test.each(["👍", "?????????????"])("is not said to quote the message %s if the provider says nothing", async (message) => {
    const { said } = await askLlm([{ status: 401 }], { message });
    expect(said).toContain("refused with 401: no reason given");
  });

  test("is logged whole up to 300 characters", async () => {
    const message = `${"word ".repeat(59)}end.`.padEnd(300, "!");
    const { said } = await askLlm([refusal({ message })]);
    expect(said).toContain(`refused with 404: ${message}`);
    expect(said).not.toContain("…");
  });

  test("is logged if it does not, and never with a half of a secret", async () => {
    expect((await askLlm([refusal({ message: "The model `small` does not exist" })])).said).toContain(
      "The model `small` does not exist",
    );
    const { said } = await askLlm([refusal({ message: `${"word ".repeat(58)}Bad key: key-4711` })]);
    expect(said).toContain("word Bad key: …");
  });
});
