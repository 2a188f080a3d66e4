import type { ModelAnswer } from "./model-stand-in.ts";

/** A chunk of a streamed answer. */
export function chunk(delta: object, finish_reason: string | null = null): string {
  const choice = { index: 0, delta, finish_reason };
  return event({ id: "x", object: "chat.completion.chunk", created: 1, model: "m", choices: [choice] });
}
export const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
export const DONE = "data: [DONE]\n\n";
export const STOP = chunk({}, "stop");
export const FIRST = chunk({ content: "Bonjour" });
export const SECOND = chunk({ content: " é 😀" });
export const HELLO = [chunk({ role: "assistant", content: "" }), FIRST, SECOND];
export const json = { "content-type": "application/json" };

export const WHOLE = "Bonjour é 😀";

/** What an endpoint answers, what the customer then sees, and what the log then says. `…` stands for the fallback text. */
export interface ModelCase {
  /** The answers to the first request, the second … The last one is repeated. */
  readonly answers: readonly ModelAnswer[];
  readonly shows: string;
  readonly logs?: RegExp;
  /** How many requests the endpoint gets. 1 if not given. */
  readonly requests?: number;
  /** Whether it is about connections, and so tested in workerd too. */
  readonly isAboutSockets?: boolean;
}

export const stream = (...pieces: string[]): ModelAnswer => ({ pieces });
export const whole = (...pieces: string[]): ModelCase => ({ answers: [stream(...pieces)], shows: WHOLE });
export const broken = (logs: RegExp, ...pieces: string[]): ModelCase => ({
  answers: [stream(...pieces)],
  shows: `${WHOLE}\n\n…`,
  logs,
});
export const none = (logs: RegExp, answer: ModelAnswer, more: Partial<ModelCase> = {}): ModelCase => ({
  answers: [answer],
  shows: "…",
  logs,
  ...more,
});
