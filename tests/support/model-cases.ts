import { ANSWERS } from "./model-answers.ts";
import type { ModelCase } from "./model-case.ts";
import { REFUSALS } from "./model-refusals.ts";
import type { ModelAnswer, ModelRequest } from "./model-stand-in.ts";

export const MODEL_CASES: Readonly<Record<string, ModelCase>> = { ...ANSWERS, ...REFUSALS };

export const casesForServers = Object.entries(MODEL_CASES).filter(([, { isAboutSockets }]) => isAboutSockets);

/** Answers each request as the case says that its last message, `model: NAME`, names. */
export function caseFor(): (request: ModelRequest) => ModelAnswer {
  const counts = new Map<string, number>();
  return ({ body }) => {
    const name = body.messages.at(-1)?.content?.replace("model: ", "") ?? "";
    const count = counts.get(name) ?? 0;
    counts.set(name, count + 1);
    const { answers } = MODEL_CASES[name] as ModelCase;
    return answers[Math.min(count, answers.length - 1)] as ModelAnswer;
  };
}
