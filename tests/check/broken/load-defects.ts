import { setTimeout as sleep } from "node:timers/promises";
import { correct } from "./base.ts";
import { type Defect, withReply } from "./defect.ts";

let shared = "";
let inRow = 0;
let queue: Promise<unknown> = Promise.resolve();

export const loadDefects: readonly Defect[] = [
  {
    caughtBy: "L01",
    mistake: "shares a variable between requests",
    changes: withReply(async ({ message }) => {
      shared = message.content;
      await sleep(20);
      return shared;
    }),
  },
  {
    caughtBy: "L02",
    mistake: "closes a kept-alive connection without Connection: close",
    changes: {
      first(request, answer) {
        inRow++;
        if (inRow % 50 === 0) request.socket.destroy();
        return correct.first.call(this, request, answer);
      },
    },
  },
  {
    caughtBy: "L03",
    mistake: "answers a repeated request differently",
    changes: withReply(({ message }) => `${message.content} ${Math.random()}`),
  },
  {
    caughtBy: "L04",
    mistake: "serves one request after the other",
    changes: withReply(({ message }) => {
      const turn = queue.then(() => sleep(175));
      queue = turn;
      return turn.then(() => message.content);
    }),
  },
];
