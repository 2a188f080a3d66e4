import type { Reply } from "../reply-types.ts";

/** An answer, and the pattern of its questions. */
export interface Rule {
  pattern: RegExp;
  answer: string;
}

/** The answers if no rule matches: `first`, and `again` if the last answer was one of these two. */
export interface NoMatchAnswers {
  first: string;
  again: string;
}

/**
 * Answers with the first rule that matches. If none matches, it looks into the history, so that nobody gets the same
 * "did not understand" twice in a row.
 */
export function createFaq(rules: readonly Rule[], { first, again }: NoMatchAnswers): Reply {
  return ({ message, history_tail }) => {
    const rule = rules.find(({ pattern }) => pattern.test(message.content));
    if (rule) return rule.answer;
    const lastAnswer = history_tail.findLast(({ role }) => role === "assistant");
    return lastAnswer?.content === first || lastAnswer?.content === again ? again : first;
  };
}

/** Your questions and answers go here. Do not use the `g` or `y` flag in a pattern: they remember the last match. */
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
