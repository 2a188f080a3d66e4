import type { Reply } from "../reply-types.ts";

/** An answer, and the pattern of the questions that it is for. */
export interface Rule {
  pattern: RegExp;
  answer: string;
}

/** What to say when no rule matches: the first time, and when that did not help. */
export interface NoMatchAnswers {
  first: string;
  again: string;
}

/**
 * Answers from rules, in their order. Where none matches it looks into the history: somebody who has just been told so is
 * not told the same again.
 */
export function createFaq(rules: readonly Rule[], { first, again }: NoMatchAnswers): Reply {
  return ({ message, history_tail }) => {
    const rule = rules.find(({ pattern }) => pattern.test(message.content));
    if (rule) return rule.answer;
    const lastAnswer = history_tail.findLast(({ role }) => role === "assistant");
    return lastAnswer?.content === first || lastAnswer?.content === again ? again : first;
  };
}

/** Your questions and answers go here. No pattern may carry the `g` or `y` flag, which remember the last match. */
export const faq = createFaq(
  [
    { pattern: /\b(?:hi|hello|hey)\b/i, answer: "Hello! Ask me about opening hours, prices or delivery." },
    { pattern: /\b(?:open|opening|hours)\b/i, answer: "We are open Monday to Friday, 9:00 to 17:00." },
    { pattern: /\b(?:price|prices|cost|costs)\b/i, answer: "The prices are on our website, and delivery is included." },
    { pattern: /\b(?:deliver|delivery|shipping)\b/i, answer: "Delivery takes two to three working days." },
  ],
  {
    first: "I did not understand that. Ask me about opening hours, prices or delivery.",
    again: "I still do not understand, sorry. Shall a colleague get back to you?",
  },
);
