import { afterAll, describe, expect, test } from "vitest";
import { askLlm, stopModels } from "../support/ask-llm.ts";
import { A, askShop, CALLS, call, calls, shop } from "../support/llm-shop.ts";
import { chunk, DONE, WHOLE } from "../support/model-case.ts";

afterAll(stopModels);

describe.concurrent("tools", () => {
  test("are offered to the model as JSON Schema", async () => {
    const { requests } = await askShop();
    expect(requests[0]?.body.tools).toEqual([
      {
        type: "function",
        function: {
          name: "order_status",
          description: "Where an order is",
          // As the model must write it: what a check or a transformation makes of it comes later.
          parameters: {
            type: "object",
            properties: { order: { type: "string" }, part: { type: "string" } },
            required: ["order"],
          },
        },
      },
      {
        type: "function",
        function: {
          name: "opening_hours",
          description: "When the shop is open",
          parameters: { type: "object", properties: {}, required: [] },
        },
      },
    ]);
  });

  test("run with their input, and their results go back to the model; text streams between calls", async () => {
    const startedAt = performance.now();
    const { text, requests, said } = await askShop([
      chunk({ content: "Let me look." }),
      calls(call(0, "c1", "order_status", A)),
      CALLS,
      DONE,
    ]);
    expect(text).toBe(`Let me look.\n\n${WHOLE}`);
    expect(requests[1]?.body.messages.slice(2)).toEqual([
      {
        role: "assistant",
        content: "Let me look.",
        tool_calls: [{ id: "c1", type: "function", function: { name: "order_status", arguments: A } }],
      },
      { role: "tool", tool_call_id: "c1", content: "Order 17 leaves today from Bloom false" },
    ]);
    const [line = "", ms] = /tool order_status: ok, (\d+) ms$/m.exec(said) ?? [];
    expect(Number(ms)).toBeLessThanOrEqual(Math.ceil(performance.now() - startedAt));
    expect(said.replace(line, "")).not.toContain("17");
  });

  test.each([
    ["no object", "order_status", "17", /^Error: the arguments are wrong\. input: /, /tool order_status: arguments are wrong/],
    [
      "two wrong types",
      "order_status",
      '{"order":17,"part":2}',
      /^Error: the arguments are wrong\. order: [^;]*; part: [^;]*$/,
      /tool order_status: arguments are wrong/,
    ],
    ["no JSON", "order_status", '{"order":', "Error: the arguments are no JSON.", /tool order_status: arguments are no JSON/],
    [
      "a wrong type",
      "order_status",
      '{"order":17}',
      /^Error: the arguments are wrong\. order: .*string/,
      /tool order_status: arguments are wrong/,
    ],
    ["a tool that does not exist", "no_such\ntool", "{}", /^Error: there is no tool no_such/, /tool \(unknown\): no such tool/],
    ["a name that every object has", "constructor", "{}", /^Error: there is no tool constructor/, /tool \(unknown\)/],
    [
      "a tool that throws",
      "order_status",
      '{"order":"broken"}',
      "Error: the tool failed.",
      /tool order_status: failed with Error, \d+ ms$/m,
    ],
    [
      "a tool that throws no error",
      "order_status",
      '{"order":"rejected"}',
      "Error: the tool failed.",
      /tool order_status: failed with no error,/,
    ],
    ["a tool that returns nothing", "order_status", '{"order":"none"}', /^done$/, /tool order_status: ok/],
  ])("tell the model about a call with %s", async (_, name, args, content, logged) => {
    const { text, results, said } = await askShop([calls(call(0, "a", name, args)), CALLS]);
    expect(text).toBe(WHOLE);
    expect(results[0]?.content).toMatch(content);
    expect(said).toMatch(logged);
  });

  test("are called in at most maxRounds rounds, and the last one may not call", async () => {
    const again = [calls(call(0, "a", "order_status", A)), CALLS];
    const { requests, text } = await askShop(again, again);
    expect(requests.map(({ body }) => body.tool_choice)).toEqual([undefined, undefined, "none"]);
    expect(text).toBe(WHOLE);
    const stubborn = await askShop(again, again, again);
    expect(stubborn.text).toBe("Sorry.");
    expect(stubborn.said).toContain("the model went on calling tools in its last round");
  });

  test("that hang do not hold the reply after its time", async () => {
    const { reply } = shop();
    const answers = [{ pieces: [calls(call(0, "a", "order_status", '{"order":"hang"}')), CALLS] }];
    const { text, said } = await askLlm(answers, { env: { REPLY_TIMEOUT_MS: "600" } }, reply);
    expect(text).toBe("Sorry.");
    expect(said).toContain("reply_timeout");
  });

  test("are no reason why a refusal in the next round is not logged", async () => {
    const refusal = { status: 404, pieces: ["the model is gone, content is null"] };
    const { text, said } = await askShop([calls(call(0, "a", "order_status", A)), CALLS], refusal);
    expect(text).toBe("Sorry.");
    expect(said).toContain("refused with 404: the model is gone, content is null");
  });
});
