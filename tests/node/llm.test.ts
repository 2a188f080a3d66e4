import * as v from "valibot";
import { afterAll, describe, expect, test } from "vitest";
import { conversation } from "../../shared/replies/conversation.ts";
import { messagesFor } from "../../shared/replies/llm/messages.ts";
import { ThinkFilter } from "../../shared/replies/llm/think-filter.ts";
import { llm } from "../../shared/replies/llm.ts";
import { readSettings } from "../../shared/settings.ts";
import { replyTo, type TestMessage } from "../../shared/testing.ts";
import { chunk, DONE, MODEL_CASES, STOP, WHOLE } from "../support/model-cases.ts";
import { type Model, type ModelAnswer, startModel } from "../support/model-stand-in.ts";
import { vectors } from "../support/vectors.ts";

const models: Model[] = [];
afterAll(() => {
  for (const model of models) model.stop();
});

const PLAIN: ModelAnswer = { pieces: [chunk({ content: WHOLE }), STOP, DONE] };

/** Asks the reply about one message. The endpoint gives `answers` in turn, and the last one again. */
async function ask(answers: readonly ModelAnswer[], message: Partial<TestMessage> = {}, reply = llm()) {
  const model = await startModel((_, index) => answers[Math.min(index, answers.length - 1)] as ModelAnswer);
  const settings = { LLM_BASE_URL: model.url, LLM_API_KEY: "key-4711", LLM_MODEL: "small" };
  const env = { ...settings, FALLBACK_REPLY: "Sorry.", REPLY_TIMEOUT_MS: "8000", ...message.env };
  const answer = await replyTo(reply, { message: "hi", ...message, env });
  const said = answer.log.map(({ code, message: text }) => [code, text].join(" ")).join("\n");
  models.push(model);
  return { ...answer, said, requests: model.requests, messages: model.requests[0]?.body.messages, hungUp: model.hungUp };
}

describe.concurrent("an answer of a model is shown whole, and no answer is never an empty one", () => {
  test.each(Object.entries(MODEL_CASES))("%s", async (_, { answers, shows, logs, requests = 1 }) => {
    const startedAt = performance.now();
    const { text, said, requests: sent } = await ask(answers);
    expect(text).toBe(shows.replace("…", "Sorry."));
    expect(sent).toHaveLength(requests);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    if (logs) expect(said).toMatch(logs);
    else expect(said).not.toContain("reply_failed");
    expect(said).not.toContain("secret card");
  });

  test("ends at the deadline when the model hangs, and closes the connection to it", async ({ expect }) => {
    const { text, said, hungUp } = await ask([{ ending: "stay open" }], { env: { REPLY_TIMEOUT_MS: "700" } });
    expect(text).toBe("Sorry.");
    expect(said).toContain("reply_timeout");
    await expect.poll(hungUp).toBe(1);
  });

  test("a wait for a busy provider ends with the reply", async () => {
    const busy = { status: 429, headers: { "retry-after": "2" } };
    const startedAt = performance.now();
    const hungUp = new AbortController();
    const reply = llm();
    const ended = Promise.withResolvers<void>();
    const watched = {
      ...reply,
      reply: async function* (context: Parameters<typeof reply.reply>[0]) {
        try {
          yield* reply.reply({ ...context, signal: hungUp.signal }) as AsyncIterable<string>;
        } finally {
          ended.resolve();
        }
      },
    };
    setTimeout(() => hungUp.abort(), 300);
    await ask([busy], {}, watched);
    await ended.promise;
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  test("long thinking in tags costs no more than other text", async () => {
    const think = (open: string, close: string) => {
      const filter = new ThinkFilter();
      const startedAt = performance.now();
      filter.push(open);
      for (let i = 0; i < 100_000; i++) filter.push("thought ");
      filter.push(close);
      return performance.now() - startedAt;
    };
    expect(think("<think>", "</think>")).toBeLessThan(10 * think("", "") + 50);
  });

  test("can show the thinking", async () => {
    const { text } = await ask(
      [{ pieces: [chunk({ content: "<think>Hm</think>Yes" }), STOP] }],
      {},
      llm({ showThinking: true }),
    );
    expect(text).toBe("<think>Hm</think>Yes");
  });
});

describe("the request to the model", () => {
  test("names the model, has the key, and asks for a stream", async () => {
    const { requests } = await ask([PLAIN]);
    expect(requests[0]).toMatchObject({ authorization: "Bearer key-4711", body: { model: "small", stream: true } });
    expect(requests[0]?.body.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(requests[0]?.body).not.toHaveProperty("tools");
  });

  test("has no key where none is set", async () => {
    const { requests, text } = await ask([PLAIN], { env: { LLM_API_KEY: "" } });
    expect([text, requests[0]?.authorization]).toEqual([WHOLE, undefined]);
  });

  test("has instructions of the settings, or of the code", async () => {
    const env = { LLM_SYSTEM_PROMPT: "from the settings" };
    expect((await ask([PLAIN], { env })).messages?.[0]).toEqual({ role: "system", content: "from the settings" });
    const reply = llm({ instructions: "You answer for Bloom." });
    expect((await ask([PLAIN], { env }, reply)).messages?.[0]).toEqual({ role: "system", content: "You answer for Bloom." });
  });

  test("alternates user and assistant, begins with a user, and has no blank message", async () => {
    const history = [
      { role: "assistant", content: "Welcome" },
      { role: "user", content: "one" },
      { role: "assistant", content: " " },
      { role: "user", content: "two" },
      { role: "assistant", content: "yes" },
      { role: "assistant", content: "and no" },
    ];
    const { messages } = await ask([PLAIN], { message: "three", history });
    expect(messages?.slice(1)).toEqual([
      { role: "user", content: "one\n\ntwo" },
      { role: "assistant", content: "yes\n\nand no" },
      { role: "user", content: "three" },
    ]);
    expect(messages?.[0]?.content).toMatch(/You began this conversation with:\nWelcome$/);
  });

  test.each(["", "  \n"])("a blank message (%o) is answered by the model", async (content) => {
    const { text, messages } = await ask([PLAIN], { message: content });
    expect(text).toBe(WHOLE);
    expect(messages?.at(-1)).toEqual({ role: "user", content: "(The customer sent an empty message.)" });
  });
});

describe("settings of the model", () => {
  const warnings = (env: Record<string, string>) =>
    readSettings(env, llm()).warnings.filter((warning) => warning.startsWith("The reply"));

  test("that are missing are named at start-up and in the log", async () => {
    expect(warnings({ LLM_API_KEY: "key-4711" })).toEqual([
      "The reply needs LLM_BASE_URL, which is not set.",
      "The reply needs LLM_MODEL, which is not set.",
    ]);
    const { log } = await replyTo(llm(), { message: "hi" });
    expect(JSON.stringify(log)).toContain("The reply needs LLM_MODEL, which is not set.");
  });

  test.each([
    ["api.example/v1", "it must be a URL that begins with https:// or http://, without user, password, query or fragment"],
    ["https://api.example/v1/responses", "leave out what follows /v1, such as /chat/completions"],
    [
      "https://me:4711@api.example/v1",
      "it must be a URL that begins with https:// or http://, without user, password, query or fragment",
    ],
    [
      "https://api.example/v1?version=1",
      "it must be a URL that begins with https:// or http://, without user, password, query or fragment",
    ],
    ["https://api example", "it must be a URL that begins with https:// or http://, without user, password, query or fragment"],
    ["https://api.example/v1/chat/completions", "leave out what follows /v1, such as /chat/completions"],
  ])("LLM_BASE_URL=%s is wrong, and it is said why", (LLM_BASE_URL, why) => {
    expect(warnings({ LLM_BASE_URL, LLM_MODEL: "m" })).toEqual([`The reply cannot use LLM_BASE_URL: ${why}.`]);
  });

  test.each(["key\n4711", " key-4711", "clé-4711"])(
    "LLM_API_KEY=%j cannot be sent, and is never shown",
    async (LLM_API_KEY) => {
      const said = warnings({ LLM_BASE_URL: "https://api.example/v1/", LLM_MODEL: "m", LLM_API_KEY });
      expect(said).toEqual([expect.stringMatching(/^The reply cannot use LLM_API_KEY: it has white space around it, or/)]);
      const { text, said: log } = await ask([PLAIN], { env: { LLM_API_KEY } });
      expect(text).toBe("Sorry.");
      expect(log).not.toContain("4711");
    },
  );
});

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
    ["quotes it as JSON", 'my "secret" card', 'got {"content":"my \\"secret\\" card"}'],
    ["quotes it at its end", "my secret is 1234567890", `${"x ".repeat(145)}my secret is 1234567890`],
  ])("is not logged if it %s", async (_, message, words) => {
    const { said } = await ask([refusal({ message: words })], { message });
    expect(said).toContain("refused with 404: (its words quote the conversation)");
    expect(said).not.toMatch(/4711|1234|secret/);
  });

  test.each([400, 413, 415, 422])("is not logged with the status %i, which is about the input", async (status) => {
    const { said } = await ask([refusal({ code: "bad_input", message: "near '4711'" }, status)], { message: "my PIN is 4711" });
    expect(said).toContain(`refused with ${status}: bad_input (its words may quote the conversation)`);
    expect(said).not.toContain("4711");
  });

  test("is not logged as a code or a type that is a sentence", async () => {
    const { said } = await ask([refusal({ code: "bad: my secret", type: "x".repeat(100_000), message: "no" })], {
      message: "hi",
    });
    expect(said).toContain("refused with 404: no");
    expect(said).not.toMatch(/secret|xxx/);
  });

  test("is not logged if it quotes the greeting", async () => {
    const history = [{ role: "assistant", content: "Welcome back, Ms Smith of Berlin" }];
    const { said } = await ask([refusal({ message: "near 'Ms Smith of Berlin'" })], { message: "hi", history });
    expect(said).not.toContain("Smith");
  });

  test("is logged if it does not, and never with a half of a secret", async () => {
    expect((await ask([refusal({ message: "The model `small` does not exist" })])).said).toContain(
      "The model `small` does not exist",
    );
    const { said } = await ask([refusal({ message: `${"word ".repeat(58)}Bad key: key-4711` })]);
    expect(said).toContain("word word");
    expect(said).not.toMatch(/key-|4711/);
  });
});

describe.concurrent("tools", () => {
  const call = (index: number | undefined, id: string | undefined, name: string | undefined, args?: unknown) => ({
    ...(index !== undefined && { index }),
    ...(id !== undefined && { id }),
    type: "function",
    function: { ...(name !== undefined && { name }), ...(args !== undefined && { arguments: args }) },
  });
  const calls = (...tool_calls: object[]) => chunk({ tool_calls });
  const CALLS = chunk({}, "tool_calls");
  const A = '{"order":"17"}';
  const B = '{"order":"18"}';

  function shop() {
    const asked: string[] = [];
    let atOnce = 0;
    let most = 0;
    const reply = llm({
      instructions: "You answer for Bloom.",
      tools: {
        order_status: {
          description: "Where an order is",
          input: v.object({ order: v.string() }),
          run: async ({ order }, { env, signal }) => {
            most = Math.max(most, ++atOnce);
            await new Promise((resolve) => setTimeout(resolve, 20));
            atOnce--;
            if (order === "hang") await new Promise(() => {});
            if (order === "broken") throw new Error("the shop's database is down");
            asked.push(order);
            return `Order ${order} leaves today from ${env.SHOP} ${signal.aborted}`;
          },
        },
        opening_hours: { description: "When the shop is open", input: v.object({}), run: () => ({ monday: [9, 17] }) },
      },
      maxRounds: 3,
    });
    return { reply, asked, most: () => most };
  }

  async function askShop(...answers: string[][]) {
    const { reply, asked, most } = shop();
    const env = { SHOP: "Bloom" };
    const result = await ask([...answers.map((pieces) => ({ pieces })), PLAIN], { env }, reply);
    return { ...result, asked, most };
  }

  test("are offered to the model as JSON Schema", async () => {
    const { requests } = await askShop();
    expect(requests[0]?.body.tools).toEqual([
      {
        type: "function",
        function: {
          name: "order_status",
          description: "Where an order is",
          parameters: { type: "object", properties: { order: { type: "string" } }, required: ["order"] },
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
    expect(said).toMatch(/tool order_status: ok, \d+ ms/);
    expect(said).not.toContain("17");
  });

  test.each<[string, string[]]>([
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
    ["without an id", [calls(call(0, undefined, "order_status", A)), calls(call(1, undefined, "order_status", B)), CALLS]],
    [
      "without an id, with the same index for all",
      [calls(call(0, undefined, "order_status", A)), calls(call(0, undefined, "order_status", B)), CALLS],
    ],
    [
      "without an id and an index",
      [calls(call(undefined, undefined, "order_status", A), call(undefined, undefined, "order_status", B)), CALLS],
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
  ])("calls are understood: %s", async (_, pieces) => {
    const { text, asked, most, requests } = await askShop(pieces);
    expect(text).toBe(WHOLE);
    expect(asked.toSorted()).toEqual(["17", "18"]);
    expect(most()).toBe(2);
    const [, , { tool_calls = [] } = {}, ...results] = requests[1]?.body.messages ?? [];
    const ids = (tool_calls as { id: string }[]).map(({ id }) => id);
    expect(new Set(ids).size).toBe(2);
    expect(results.map(({ tool_call_id }) => tool_call_id)).toEqual(ids);
  });

  test.each([undefined, null, "", " ", "{}"])("a call with the arguments %o calls a tool without input", async (args) => {
    const { requests } = await askShop([calls(call(0, "a", "opening_hours", args)), CALLS]);
    expect(requests[1]?.body.messages.at(-1)).toEqual({ role: "tool", tool_call_id: "a", content: '{"monday":[9,17]}' });
  });

  test.each([
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
  ])("a call with %s goes back to the model as an error", async (_, name, args, content, logged) => {
    const { text, requests, said } = await askShop([calls(call(0, "a", name, args)), CALLS]);
    expect(text).toBe(WHOLE);
    expect(requests[1]?.body.messages.at(-1)?.content).toMatch(content);
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
    const { text, said } = await ask(answers, { env: { REPLY_TIMEOUT_MS: "600" } }, reply);
    expect(text).toBe("Sorry.");
    expect(said).toContain("reply_timeout");
  });
});

describe("the conversation", () => {
  test("has a repeated message twice, and no empty message", () => {
    const history_tail = [
      { role: "user", content: "hi" },
      { role: "assistant", content: "" },
      { role: "assistant", content: "hello" },
      { role: "tool", content: "not a part of the conversation" },
      { role: "user", content: "hi" },
    ];
    expect(conversation({ message: { content: "hi" }, history_tail })).toEqual([
      { role: "user", content: "hi" },
      { role: "assistant", content: "hello" },
      { role: "user", content: "hi" },
    ]);
  });

  test.each(["history-2-natural", "history-ends-with-assistant", "message-not-in-history", "history-12", "fallback"])(
    "has the current message once, at its end: %s",
    (name) => {
      const recorded = JSON.parse(vectors.find((vector) => vector.name === `${name}/sync/signed`)?.body_text ?? "");
      const sent = conversation({ message: recorded.message, history_tail: recorded.history_tail ?? [] });
      expect(sent.at(-1)).toEqual({ role: "user", content: recorded.message.content });
      expect(sent.filter(({ content }) => content === recorded.message.content)).toHaveLength(1);
      const earlier = (recorded.history_tail ?? []).filter(
        (entry: { content: string }) => entry.content !== recorded.message.content,
      );
      expect(sent.slice(0, -1).map(({ content }) => content)).toEqual(
        earlier.map((entry: { content: string }) => entry.content),
      );
      const roles = messagesFor(sent, "").map(({ role }) => role);
      expect(roles.slice(1)).toEqual(roles.slice(1).map((_, index) => (index % 2 === 0 ? "user" : "assistant")));
    },
  );
});
