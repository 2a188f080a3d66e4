import type { Reply } from "../reply-types.ts";

/** Repeats the message. */
export const echo: Reply = ({ message }) => `Echo: ${message.content}`;
