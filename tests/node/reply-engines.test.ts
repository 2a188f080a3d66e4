import { afterEach, describe, expect, test } from "vitest";
import { createApp } from "../../shared/app.ts";
import type { PartnersReply } from "../../shared/define-reply.ts";
import { executionContext } from "../../shared/execution-context.ts";
import type { LogRecord } from "../../shared/log.ts";
import { conversation } from "../../shared/replies/conversation.ts";
import { faq } from "../../shared/replies/faq.ts";
import { llm } from "../../shared/replies/llm.ts";
import { readSettings } from "../../shared/settings.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { type Behaviour, startModel } from "../support/model-stand-in.ts";
import { payload } from "../support/payload.ts";
import { vectors } from "../support/vectors.ts";

let model: Awaited<ReturnType<typeof startModel>> | undefined;
afterEach(() => {
  model?.stop();
  model = undefined;
});

async function askModel(behaviour: Behaviour, env: Record<string, string> = {}) {
  model = await startModel(behaviour);
  const settings = {
    LLM_BASE_URL: model.url,
    LLM_API_KEY: "key-4711",
    LLM_MODEL: "small",
    FALLBACK_REPLY: "Sorry.",
    REPLY_TIMEOUT_MS: "8000",
    ...env,
  };
  return ask(llm, settings);
}

async function ask(reply: PartnersReply, env: Record<string, string>, path = "/stream", extra: object = {}) {
  const log: LogRecord[] = [];
  const app = createApp({ env, reply, log: (record) => log.push(record) });
  const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(payload("hi", extra)) };
  const response = await app.fetch(new Request(`http://localhost${path}`, init), {}, executionContext());
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body ?? []) pieces.push(piece);
  return { response, pieces, log };
}

const failed = (log: LogRecord[]) => log.find(({ code, event }) => event === "reply" && code === "reply_failed");

describe("the llm reply", () => {
  test.each(["normal", "slow first token", "length", "eos_token"] as const)(
    "streams a model's answer: %s",
    async (behaviour) => {
      const { pieces } = await askModel(behaviour);
      expect(readAsDashboard(pieces)).toEqual({ text: "Bonjour é 😀", done: { status: "completed" } });
      expect(model?.requests).toHaveLength(1);
      expect(model?.requests[0]).toMatchObject({ authorization: "Bearer key-4711", body: { model: "small", stream: true } });
      expect(model?.requests[0]?.body.messages.map(({ role }) => role)).toEqual(["system", "user"]);
    },
  );

  test("joins a model's answer on /", async () => {
    model = await startModel("normal");
    const { pieces } = await ask(llm, { LLM_BASE_URL: model.url, LLM_API_KEY: "k", LLM_MODEL: "m" }, "/");
    expect(Buffer.concat(pieces).toString()).toBe('{"reply":"Bonjour é 😀"}');
  });

  test.each(["cut off", "no finish", "429", "500", "garbage", "broken chunk"] as const)(
    "ends with the fallback text when the model fails: %s",
    async (behaviour) => {
      const { pieces, log } = await askModel(behaviour);
      const { text, done } = readAsDashboard(pieces);
      expect(text).toMatch(/^(?:Bonjour (?:é 😀)?\n\n)?Sorry\.$/);
      expect(done).toEqual({ status: "completed" });
      expect(text).not.toContain("the model says");
      expect(failed(log)).toBeDefined();
      expect(JSON.stringify(log)).not.toContain("secret card");
    },
  );

  test("sends a repeated message twice, and no empty message", () => {
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

  test("ends at the deadline when the model hangs, and closes the connection to it", async () => {
    const { pieces, log } = await askModel("hang", { REPLY_TIMEOUT_MS: "700" });
    expect(readAsDashboard(pieces).text).toBe("Sorry.");
    expect(log).toContainEqual(expect.objectContaining({ event: "request", code: "reply_timeout" }));
    await expect.poll(() => model?.hungUp()).toBe(1);
  });

  test("says at start-up which settings are missing, and never a key", async () => {
    const { warnings } = readSettings({ LLM_API_KEY: "key-4711" }, llm);
    expect(warnings).toContain("The reply needs LLM_BASE_URL, which is not set.");
    expect(warnings).toContain("The reply needs LLM_MODEL, which is not set.");
    expect(warnings.join("\n")).not.toContain("4711");
    const { pieces, log } = await ask(llm, {});
    expect(readAsDashboard(pieces).done).toEqual({ status: "completed" });
    expect(failed(log)?.message).toContain("The reply needs LLM_MODEL, which is not set.");
  });

  test.each(["history-2-natural", "history-ends-with-assistant", "message-not-in-history", "history-12", "fallback"])(
    "sends the current message once, at the end: %s",
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
    },
  );
});

describe("the faq reply", () => {
  const reply = async (content: string, lastAnswer?: string) => {
    const history_tail = lastAnswer
      ? [
          { role: "assistant", content: lastAnswer },
          { role: "user", content },
        ]
      : [];
    const { pieces } = await ask(faq, {}, "/", { message: { content }, history_tail });
    return JSON.parse(Buffer.concat(pieces).toString()).reply;
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
