import type { Reply } from "./reply-types.ts";

/**
 * Your bot. This is the one file to edit.
 *
 * You get the user's message (and app, thread, history_tail, signal, timeLeft, env). Give back a string,
 * `{ reply, metadata }`, or an async generator of strings, which streams.
 */
export const reply: Reply = ({ message }) => `Echo: ${message.content}`;
