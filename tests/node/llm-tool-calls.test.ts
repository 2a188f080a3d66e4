import { afterAll, describe, expect, test } from "vitest";
import { stopModels } from "../support/ask-llm.ts";
import { A, askShop, B, CALLS, call, calls } from "../support/llm-shop.ts";
import { chunk, DONE, STOP, WHOLE } from "../support/model-case.ts";
import type { ModelAnswer } from "../support/model-stand-in.ts";

afterAll(stopModels);

/** An id that is made here, because the provider gave none of its own. */
const NEW: unknown = expect.stringMatching(/^call_[\w-]{36}$/);

describe.concurrent("calls of tools are understood", () => {
  test.each<[string, readonly string[] | ModelAnswer, ids?: unknown[]]>([
    ["whole, each with its index and id", [calls(call(0, "a", "order_status", A), call(1, "b", "order_status", B)), CALLS]],
    [
      "in pieces, the id only in the first",
      [
        calls(call(0, "a", "order_status", "")),
        calls(call(0, undefined, undefined, '{"order":')),
        calls(call(0, undefined, undefined, '"17"}')),
        calls(call(1, "b", "order_status", B)),
        CALLS,
      ],
    ],
    [
      "in pieces, the id in each",
      [
        calls(call(0, "a", "order_status", '{"order"')),
        calls(call(0, "a", undefined, ':"17"}')),
        calls(call(1, "b", "order_status", B)),
        CALLS,
      ],
    ],
    [
      "in pieces that take turns",
      [
        calls(call(0, "a", "order_status", '{"ord'), call(1, "b", "order_status", '{"ord')),
        calls(call(0, undefined, undefined, 'er":"17"}'), call(1, undefined, undefined, 'er":"18"}')),
        CALLS,
      ],
    ],
    [
      "without an index",
      [calls(call(undefined, "a", "order_status", A)), calls(call(undefined, "b", "order_status", B)), CALLS],
    ],
    [
      "without an index, in pieces",
      [
        calls(call(undefined, "a", "order_status", '{"order":')),
        calls(call(undefined, undefined, undefined, '"17"}')),
        calls(call(undefined, "b", "order_status", B)),
        CALLS,
      ],
    ],
    ["with the same index for all", [calls(call(0, "a", "order_status", A)), calls(call(0, "b", "order_status", B)), CALLS]],
    [
      "in pieces, the name in each and the id in none",
      [
        calls(call(0, undefined, "order_status", '{"order":')),
        calls(call(0, undefined, "order_status", '"17"}')),
        calls(call(1, null, "order_status", B)),
        CALLS,
      ],
      [NEW, NEW],
    ],
    [
      "in pieces, the index only in the first",
      [
        calls(call(0, "a", "order_status", '{"order":')),
        calls(call(null, undefined, undefined, '"17')),
        calls(call(undefined, undefined, undefined, '"}')),
        calls(call(1, "b", "order_status", B)),
        CALLS,
      ],
    ],
    [
      "without an index, in pieces that take turns",
      [
        calls(call(undefined, "a", "order_status", '{"ord'), call(undefined, "b", "order_status", '{"ord')),
        calls(call(undefined, "a", undefined, 'er":"17"}'), call(undefined, "b", undefined, 'er":"18"}')),
        CALLS,
      ],
    ],
    ["with the same id for all", [calls(call(0, "a", "order_status", A), call(1, "a", "order_status", B)), CALLS], ["a", NEW]],
    ["without an id", [calls(call(0, undefined, "order_status", A)), calls(call(1, "", "order_status", B)), CALLS], [NEW, NEW]],
    ["beside null", [calls(null, call(0, "a", "order_status", A), call(1, "b", "order_status", B)), CALLS]],
    [
      "in a whole answer as JSON",
      {
        headers: { "content-type": "application/json" },
        pieces: [
          JSON.stringify({
            choices: [{ message: { tool_calls: [call(0, "a", "order_status", A), call(1, "b", "order_status", B)] } }],
          }),
        ],
      },
    ],
    [
      "slowly, with a finish reason in each chunk",
      {
        pauseMs: 300,
        pieces: [
          chunk({ tool_calls: [call(0, "a", "order_status", '{"order":')] }, "tool_calls"),
          chunk({ tool_calls: [call(0, undefined, undefined, '"17"}')] }, "tool_calls"),
          chunk({ tool_calls: [call(1, "b", "order_status", B)] }, "tool_calls"),
        ],
      },
    ],
    [
      "without an id, with the same index for all",
      [calls(call(0, undefined, "order_status", A)), calls(call(0, undefined, "order_status", B)), CALLS],
      [NEW, NEW],
    ],
    [
      "without an id and an index",
      [calls(call(undefined, undefined, "order_status", A), call(undefined, undefined, "order_status", B)), CALLS],
      [NEW, NEW],
    ],
    [
      "with an empty id after the first piece",
      [
        calls(call(0, "a", "order_status", '{"order":')),
        calls(call(0, "", "", '"17"}')),
        calls(call(1, "b", "order_status", B)),
        CALLS,
      ],
    ],
    [
      "with the name in each piece",
      [
        calls(call(0, "a", "order_status", '{"order":')),
        calls(call(0, "a", "order_status", '"17"}')),
        calls(call(1, "b", "order_status", B)),
        CALLS,
      ],
    ],
    [
      "with the arguments as an object",
      [calls(call(0, "a", "order_status", { order: "17" }), call(1, "b", "order_status", { order: "18" })), CALLS],
    ],
    [
      "with the arguments as a JSON text in a JSON text",
      [calls(call(0, "a", "order_status", JSON.stringify(A)), call(1, "b", "order_status", B)), CALLS],
    ],
    ["beside finish reason stop", [calls(call(0, "a", "order_status", A), call(1, "b", "order_status", B)), STOP]],
    [
      "in the chunk of the finish reason, with text",
      [chunk({ content: "", tool_calls: [call(0, "a", "order_status", A), call(1, "b", "order_status", B)] }, "tool_calls")],
    ],
    ["without a finish reason", [calls(call(0, "a", "order_status", A), call(1, "b", "order_status", B)), DONE]],
  ])("%s", async (_, answer, ids = ["a", "b"]) => {
    const { text, asked, most, requests, results } = await askShop(answer);
    expect(text).toBe(WHOLE);
    expect(asked.toSorted()).toEqual(["17", "18"]);
    expect(most()).toBe(2);
    const { tool_calls = [] } = requests[1]?.body.messages[2] ?? {};
    const sent = (tool_calls as { id: string }[]).map(({ id }) => id);
    expect(sent).toEqual(ids);
    expect(new Set(sent).size).toBe(2);
    expect(results.map(({ tool_call_id }) => tool_call_id)).toEqual(sent);
  });

  test.each([undefined, null, "", " ", "{}"])("without an id, the first with the arguments %o", async (args) => {
    const { results } = await askShop([
      calls(call(undefined, undefined, "opening_hours", args)),
      calls(call(undefined, undefined, "order_status", A)),
      CALLS,
    ]);
    expect(results.map(({ content }) => content)).toEqual(['{"monday":[9,17]}', "Order 17 leaves today from Bloom false"]);
  });
});
