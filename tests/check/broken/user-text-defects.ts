import { correct, type Payload } from "./base.ts";
import { type Defect, withReply } from "./defect.ts";

const sessions: Record<string, string[]> = {};

/** A text of the user that becomes a part of a query, a format, a key or a pattern. */
export const userTextDefects: readonly Defect[] = [
  {
    caughtBy: "C20",
    mistake: "puts the customer's id into a query",
    changes: withReply(({ message, thread }) => {
      if (thread.customer_id?.includes("'")) throw new Error("unterminated string");
      return `You said: ${message.content}`;
    }),
  },
  {
    caughtBy: "C20",
    mistake: "uses the customer's id as a key of an object",
    changes: withReply(({ message, thread }) => {
      const id = thread.customer_id ?? "nobody";
      if (!sessions[id]) sessions[id] = [];
      sessions[id].push(message.content);
      return `You said: ${message.content}`;
    }),
  },
  {
    caughtBy: "C20",
    mistake: "uses the text as a format",
    changes: withReply(({ message }) => {
      if (/\{\w+\}/.test(message.content)) throw new Error("no such key");
      return `You said: ${message.content}`;
    }),
  },
  {
    caughtBy: "C20",
    mistake: "fails at a history of 50 kB",
    changes: withReply(({ message, history_tail = [] }: Payload) => {
      if (JSON.stringify(history_tail).length > 40_000) throw new Error("too many tokens");
      return `You said: ${message.content}`;
    }),
  },
  {
    caughtBy: "C13",
    mistake: "replaces a mark by the text, with its patterns",
    changes: withReply(({ message }) => "You said: TEXT".replace("TEXT", message.content)),
  },
  {
    caughtBy: "C14",
    mistake: "cuts the text inside an emoji",
    changes: {
      json(answer, reply) {
        answer.setHeader("content-type", "application/json");
        answer.end(JSON.stringify({ reply: reply.replaceAll("\0", "").toWellFormed().slice(0, 601) }));
      },
    },
  },
  {
    caughtBy: "C15",
    mistake: "answers the last entry of the history",
    changes: withReply(({ message, history_tail = [] }: Payload) => {
      return `You said: ${history_tail.at(-1)?.content ?? message.content}`;
    }),
  },
  {
    caughtBy: "S18",
    mistake: "believes the address in X-Forwarded-For",
    changes: {
      verify(request, body) {
        return request.headers["x-forwarded-for"] === "127.0.0.1" ? undefined : correct.verify.call(this, request, body);
      },
    },
  },
  {
    caughtBy: "S18",
    mistake: "verifies only application/json, and answers every other type",
    changes: {
      contentTypeOk: () => true,
      verify(request, body) {
        const isJson = request.headers["content-type"]?.startsWith("application/json");
        return isJson ? correct.verify.call(this, request, body) : undefined;
      },
    },
  },
];
