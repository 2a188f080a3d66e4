import { echo } from "./replies/echo.ts";
import type { Reply } from "./reply-types.ts";
// import { faq } from "./replies/faq.ts";
// import { llm } from "./replies/llm.ts";

/**
 * Your bot: this is the one file to edit. Name one of the replies above, or write your own:
 *
 *     export const reply: Reply = ({ message }) => `Echo: ${message.content}`;
 */
export const reply: Reply = echo;
