import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import type { PartnersReply } from "../../shared/define-reply.ts";
import { readSettings } from "../../shared/settings.ts";
import { replyTo } from "../../shared/testing.ts";
import { blockOf, cloneWithExamples, examples, replies } from "../support/doc-examples.ts";
import { chunk, DONE } from "../support/model-case.ts";
import { startModel } from "../support/model-stand-in.ts";
import { startOrders } from "../support/orders-stand-in.ts";
import { mainAppForEachTest } from "../support/storing.ts";

const clone = await cloneWithExamples();
const orders = await startOrders();
const model = await startModel(() => ({ pieces: [chunk({ content: "Bonjour" }, "stop"), DONE] }));
afterAll(() => {
  orders.stop();
  model.stop();
  clone.remove();
});

/** All that an example may need. */
const DESK_THREAD = "0e5a2b0e-6a51-4c5e-9a53-3a8e5c6d7f80";
const ENV = {
  ...{ SHOP_NAME: "Acme", ORDERS_URL: orders.url, BOT_URL: `${orders.url}/bot`, DESK_THREAD, FALLBACK_REPLY: "Sorry." },
  ...{ LLM_BASE_URL: model.url, LLM_API_KEY: "k", LLM_MODEL: "m" },
};
const replyOf = async (name: string): Promise<PartnersReply> => (await import(clone.pathOf(name))).reply;
const recipe = (heading: string) => replyOf(`docs/recipes.md: ${heading}`);
/** Resolves if the program ends with 0. Otherwise, the error has what it printed. */
const run = (file: string, args: readonly string[]) =>
  promisify(execFile)(file, args, { cwd: clone.folder }).catch(({ stdout, stderr }) => {
    throw new Error(stdout + stderr);
  });

describe.concurrent("every example of the documents", { timeout: 60_000 }, () => {
  // Each platform has types of its own, and compiles the reply with them.
  test.each([
    ["shared", "shared"],
    ["workers", "workers"],
    ["functions", "functions"],
    [".", "examples"],
  ])("compiles as a part of %s", async (project, folder) => {
    const names = replies.map(({ name }) => clone.pathOf(name));
    const imports = names.map((path, index) => `import { reply as r${index} } from ${JSON.stringify(path)};`);
    await clone.write(
      `${folder}/all-examples.ts`,
      `${imports.join("\n")}
import type { PartnersReply } from "../shared/define-reply.ts";

export const all: PartnersReply[] = [${names.map((_, index) => `r${index}`).join(", ")}];
`,
    );
    await run(process.execPath, ["node_modules/typescript/bin/tsc", "-p", project]);
  });

  test("is formatted, and has nothing to lint", async () => {
    const files = examples.map(({ name, file }) => (file ? join(clone.folder, file) : clone.pathOf(name)));
    await run("node_modules/.bin/biome", ["check", "--vcs-enabled=false", ...files]);
  });

  test.each(replies.map(({ name }) => name))("answers: %s", async (name) => {
    const { text, log } = await replyTo(await replyOf(name), { message: "hello", env: ENV });
    expect(log.filter(({ level }) => level === "error")).toEqual([]);
    expect(text).toMatch(/\w/);
    expect(text).not.toContain("Sorry.");
  });
});

// Tests of replies: they become tests of this file.
for (const { name, file } of examples)
  if (file?.startsWith("tests/reply/")) await describe(name, () => import(join(clone.folder, file)));

describe("the settings of docs/replies.md", () => {
  test("are named at start-up as it says", async () => {
    const { warnings } = readSettings({}, await replyOf("docs/replies.md: Settings of your own"));
    expect(warnings).toContain(blockOf("docs/replies.md", "", "The reply needs").trim());
  });
});

describe("the recipe", () => {
  test("history and customer: knows who asks, and what was asked before", async () => {
    const reply = await recipe("The history and the customer");
    const ask = async (more: object) => (await replyTo(reply, { message: "Where?", ...more })).text;
    expect(await ask({ customerId: "Ada" })).toBe("Hello Ada, you asked: Where?");
    expect(await ask({ customerId: null })).toBe("Hello stranger, you asked: Where?");
    expect(await ask({ history: [{ role: "assistant", content: "Where?" }] })).toContain("Hello");
    expect(await ask({ history: [{ role: "user", content: "Where?" }] })).toContain("before");
  });

  test("streaming: passes on the pieces of another service", async () => {
    const { pieces } = await replyTo(await recipe("Text that streams"), { message: "café", env: ENV });
    expect(pieces.map(({ text }) => text)).toEqual(["One moment. ", expect.stringContaining("You said é café. ")]);
  });

  test("streaming: ends with the fallback text if that service breaks off", async () => {
    const env = { ...ENV, BOT_URL: `${orders.url}/bot/cut%20off` };
    const { text, log } = await replyTo(await recipe("Text that streams"), { message: "hi", env });
    expect(text).toBe("One moment. Half an \n\nSorry.");
    expect(log).toContainEqual(expect.objectContaining({ code: "reply_failed" }));
  });

  describe.concurrent("an API", () => {
    const ask = async (message: string, env: object = ENV) => {
      const startedAt = performance.now();
      const { text, log } = await replyTo(await recipe("An API with a time limit of its own"), { message, env: { ...env } });
      return { text, log, ms: performance.now() - startedAt };
    };
    const FAILED = "I cannot look up orders at the moment. Please try again in a few minutes.";

    test.each([
      ["1234", "Your order is shipped."],
      ["unknown", "I do not know that order."],
      ["500", FAILED],
      ["html", FAILED],
      ["another form", FAILED],
      ["cut off", FAILED],
    ])("that answers: %s", async (message, text) => {
      expect((await ask(message)).text).toBe(text);
    });

    test("that fails is logged, with the request's id", async () => {
      const request_id = expect.stringMatching(/^[\da-f-]{36}$/);
      const message = "the orders API failed: Error: status 500";
      expect((await ask("500")).log).toContainEqual({ level: "info", event: "reply", request_id, message });
    });

    test("that cannot be reached", async () => {
      expect((await ask("1", { ...ENV, ORDERS_URL: "http://127.0.0.1:1" })).text).toBe(FAILED);
    });

    test("that hangs: after 3 s, within the budget", async () => {
      const { text, ms } = await ask("slow");
      expect(text).toBe(FAILED);
      expect(ms).toBeGreaterThan(2900);
      expect(ms).toBeLessThan(10_000);
    });

    test("that hangs: the end of the budget closes the connection to it", async () => {
      const startedAt = performance.now();
      const { text } = await ask("slow", { ...ENV, REPLY_TIMEOUT_MS: "300" });
      expect(text).toBe("Sorry.");
      await orders.hungUp;
      expect(performance.now() - startedAt).toBeLessThan(2900);
    });
  });

  test("brands: answers by app id, also to an id that is the name of a built-in", async () => {
    const reply = await recipe("A reply for each brand");
    const ask = async (appId: string) => (await replyTo(reply, { message: "hello", appId })).text;
    expect(await ask("f62591a3-8934-47cc-bd16-e1e800212586")).toContain("opening hours");
    expect(await ask("9dca5c46-fc0b-4c11-8274-e2be46bab9a9")).toBe("Welcome to Bloom! You said: hello");
    expect(await ask("constructor")).toBe("This App has no bot yet.");
  });

  describe("what the bot remembers", () => {
    const order = { message: "It is 123456", threadId: "a" };

    test("is kept for each thread", async () => {
      const reply = await recipe("What the bot remembers of a thread");
      const kept = new Map<string, string>();
      const NOTES = {
        get: async (key: string) => kept.get(key) ?? null,
        put: async (key: string, value: string) => void kept.set(key, value),
      };
      const ask = async (message: object) => (await replyTo(reply, { ...order, ...message, env: { NOTES } })).text;
      expect(await ask({ message: "Where is it?" })).toBe("What is your order number?");
      expect(await ask({})).toBe("I am looking at order 123456.");
      expect(await ask({ message: "Where is it?" })).toBe("I am looking at order 123456.");
      expect(await ask({ message: "Where is it?", threadId: "b" })).toBe("What is your order number?");
    });

    test("is nothing without a binding, and the user is told so", async () => {
      const reply = await recipe("What the bot remembers of a thread");
      expect((await replyTo(reply, order)).text).toBe("I am looking at order 123456.");
      const { text, log } = await replyTo(reply, { message: "Where is it?" });
      expect(text).toContain("I cannot remember it here");
      expect(log).toMatchObject([{ event: "request", status: 200 }]);
      expect(readSettings({}, reply).warnings.join()).not.toContain("NOTES");
      expect(readSettings({ NOTES: "text" }, reply).warnings).toContain("The reply cannot use NOTES: it has no get and put.");
    });
  });

  describe("a message to another thread", () => {
    const { mainApp, webhook } = mainAppForEachTest({ anyThread: true });
    const heading = "A later answer, and a message to another thread";

    test("is posted, and the user is told so", async () => {
      const { chat } = webhook(await recipe(heading), { DESK_THREAD });
      expect((await chat({ content: "A person, please" })).text).toBe("A colleague will answer here soon.");
      expect(mainApp().messages.map(({ content }) => content)).toEqual([
        expect.stringMatching(/^Someone is needed in thread [\da-f-]{36}\.$/),
        "A colleague will answer here soon.",
      ]);
      expect(mainApp().requests[0]?.url).toContain(DESK_THREAD);
    });

    test("that fails gives the user another way", async () => {
      const { chat } = webhook(await recipe(heading), { DESK_THREAD });
      mainApp().next("500");
      expect((await chat({ content: "A person, please" })).text).toContain("Please call us");
      const { text } = await replyTo(await recipe(heading), { message: "person", env: ENV });
      expect(text).toContain("Please call us");
    });
  });
});
