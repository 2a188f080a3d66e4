import { afterAll, describe, expect, test, vi } from "vitest";
import { ThinkFilter } from "../../shared/replies/llm/think-filter.ts";
import { llm } from "../../shared/replies/llm.ts";
import { readSettings } from "../../shared/settings.ts";
import { replyTo } from "../../shared/testing.ts";
import { askLlm, PLAIN, stopModels } from "../support/ask-llm.ts";
import { chunk, DONE, HELLO, STOP, WHOLE } from "../support/model-case.ts";
import { MODEL_CASES } from "../support/model-cases.ts";

afterAll(stopModels);

describe.concurrent("an answer of a model is shown whole, and no answer is never an empty one", () => {
  test.each(Object.entries(MODEL_CASES))("%s", async (_, { answers, shows, logs, requests = 1 }) => {
    const startedAt = performance.now();
    const { text, said, requests: sent } = await askLlm(answers);
    expect(text).toBe(shows.replace("…", "Sorry."));
    expect(sent).toHaveLength(requests);
    expect(performance.now() - startedAt).toBeLessThan(3000);
    if (logs) expect(said).toMatch(logs);
    else expect(said).not.toContain("reply_failed");
    expect(said).not.toContain("secret card");
  });

  test("ends at the deadline when the model hangs, and closes the connection to it", async ({ expect }) => {
    const { text, said, hungUp } = await askLlm([{ ending: "stay open" }], { env: { REPLY_TIMEOUT_MS: "700" } });
    expect(text).toBe("Sorry.");
    expect(said).toContain("reply_timeout");
    await expect.poll(hungUp).toBe(1);
  });

  test.each([{}, { "retry-after": "" }])(
    "waits half a second for a busy provider that does not say how long: %o",
    async (headers) => {
      const { pieces } = await askLlm([{ status: 503, headers }, PLAIN]);
      expect(pieces[0]?.at).toBeGreaterThan(490);
    },
  );

  test.each([
    ["a wait for a busy provider", {}],
    ["reading why it is busy", { ending: "stay open" } as const],
  ])("%s ends with the reply", async (_, more) => {
    const busy = { status: 429, headers: { "retry-after": "2" }, ...more };
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
    await askLlm([busy], {}, watched);
    await ended.promise;
    expect(performance.now() - startedAt).toBeLessThan(1500);
  });

  test.each([
    ["[DONE]", [STOP, DONE]],
    ["the finish reason", [STOP]],
  ])("closes a connection that the provider leaves open after %s", async (_, last) => {
    const { text, hungUp } = await askLlm([{ pieces: [...HELLO, ...last], ending: "stay open" }]);
    expect(text).toBe(WHOLE);
    await vi.waitFor(() => expect(hungUp()).toBe(1));
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
    const { text } = await askLlm(
      [{ pieces: [chunk({ content: "<think>Hm</think>Yes" }), STOP] }],
      {},
      llm({ showThinking: true }),
    );
    expect(text).toBe("<think>Hm</think>Yes");
  });
});

describe("the request to the model", () => {
  test("names the model, has the key, and asks for a stream", async () => {
    const { requests } = await askLlm([PLAIN]);
    expect(requests[0]).toMatchObject({
      type: "application/json",
      authorization: "Bearer key-4711",
      body: { model: "small", stream: true },
    });
    expect(requests[0]?.body.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    expect(requests[0]?.body).not.toHaveProperty("tools");
  });

  test("has no key where none is set", async () => {
    const { requests, text } = await askLlm([PLAIN], { env: { LLM_API_KEY: "" } });
    expect([text, requests[0]?.authorization]).toEqual([WHOLE, undefined]);
  });

  test("has instructions of the settings, or of the code", async () => {
    const env = { LLM_SYSTEM_PROMPT: "from the settings" };
    expect((await askLlm([PLAIN], { env })).messages?.[0]).toEqual({ role: "system", content: "from the settings" });
    const reply = llm({ instructions: "You answer for Bloom." });
    expect((await askLlm([PLAIN], { env }, reply)).messages?.[0]).toEqual({ role: "system", content: "You answer for Bloom." });
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
    const { messages } = await askLlm([PLAIN], { message: "three", history });
    expect(messages?.slice(1)).toEqual([
      { role: "user", content: "one\n\ntwo" },
      { role: "assistant", content: "yes\n\nand no" },
      { role: "user", content: "three" },
    ]);
    expect(messages?.[0]?.content).toMatch(/You began this conversation with:\nWelcome$/);
  });

  test.each(["", "  \n"])("a blank message (%o) is answered by the model", async (content) => {
    const { text, messages } = await askLlm([PLAIN], { message: content });
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

  test.each(["https://api.example/v1/", "http://127.0.0.1:11434/v1", "https://api.example/responses/v1"])(
    "LLM_BASE_URL=%s is right",
    (LLM_BASE_URL) => {
      expect(warnings({ LLM_BASE_URL, LLM_MODEL: "m" })).toEqual([]);
    },
  );

  test.each(["key\n4711", " key-4711", "clé-4711"])(
    "LLM_API_KEY=%j cannot be sent, and is never shown",
    async (LLM_API_KEY) => {
      const said = warnings({ LLM_BASE_URL: "https://api.example/v1/", LLM_MODEL: "m", LLM_API_KEY });
      expect(said).toEqual([expect.stringMatching(/^The reply cannot use LLM_API_KEY: it has white space around it, or/)]);
      const { text, said: log } = await askLlm([PLAIN], { env: { LLM_API_KEY } });
      expect(text).toBe("Sorry.");
      expect(log).not.toContain("4711");
    },
  );
});
