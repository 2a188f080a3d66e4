import type { Reply } from "./reply-types.ts";

/**
 * Your bot: this is the file to edit. A reply may also be text with metadata, or pieces of text that are streamed:
 *
 *     export const reply: Reply = async ({ message }) => ({ reply: `Echo: ${message.content}`, metadata: { source: "echo" } });
 *
 *     export const reply: Reply = async function* ({ message }) {
 *       for (const word of message.content.split(" ")) yield `${word} `;
 *     };
 *
 * `replies/` has replies to start from, such as rules or a language model:
 *
 *     export { faq as reply } from "./replies/faq.ts";
 *
 *     import { llm } from "./replies/llm.ts";
 *     export const reply = llm();
 *
 * docs/replies.md has the rest: what a reply gets, its tests, settings, and recipes.
 */
export const reply: Reply = ({ message }) => `Echo: ${message.content}`;
