import { llm } from "../../shared/replies/llm.ts";
import { replyTo, type TestMessage } from "../../shared/testing.ts";
import { DONE, HELLO, STOP } from "./model-case.ts";
import { type Model, type ModelAnswer, startModel } from "./model-stand-in.ts";

export const PLAIN: ModelAnswer = { pieces: [...HELLO, STOP, DONE] };

const models: Model[] = [];

/** Asks the reply about one message. The endpoint gives `answers` in turn, and the last one again. */
export async function askLlm(answers: readonly ModelAnswer[], message: Partial<TestMessage> = {}, reply = llm()) {
  const model = await startModel((_, index) => answers[Math.min(index, answers.length - 1)] as ModelAnswer);
  models.push(model);
  const settings = { LLM_BASE_URL: model.url, LLM_API_KEY: "key-4711", LLM_MODEL: "small" };
  const env = { ...settings, FALLBACK_REPLY: "Sorry.", REPLY_TIMEOUT_MS: "8000", ...message.env };
  const answer = await replyTo(reply, { message: "hi", ...message, env });
  const said = answer.log.map(({ code, message: text }) => [code, text].join(" ")).join("\n");
  return { ...answer, said, requests: model.requests, messages: model.requests[0]?.body.messages, hungUp: model.hungUp };
}

/** Stops the endpoints that were asked: for `afterAll`. */
export function stopModels(): void {
  for (const model of models.splice(0)) model.stop();
}
