import type { Reply } from "../reply-types.ts";

/** Says what was said. */
export const echo: Reply = ({ message }) => `Echo: ${message.content}`;
