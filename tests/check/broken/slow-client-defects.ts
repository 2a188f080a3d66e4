import { createServer, type Socket } from "node:net";
import { type Behaviour, correct } from "./base.ts";
import type { Defect } from "./defect.ts";

/** Gives each caller its turn after the one before has called `done`. */
function turns() {
  let last: Promise<void> = Promise.resolve();
  return (): Promise<() => void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const turn = last.then(() => resolve);
    last = promise;
    return turn;
  };
}

/** Serves `atOnce` connections at the same time. The others wait. */
function serves(atOnce: number): Partial<Behaviour> {
  return {
    before(server) {
      const waiting: Socket[] = [];
      let served = 0;
      const next = () => {
        const socket = served < atOnce ? waiting.shift() : undefined;
        if (!socket) return;
        served++;
        socket.once("close", () => {
          served--;
          next();
        });
        server.emit("connection", socket);
      };
      const front = createServer((socket) => {
        waiting.push(socket);
        next();
      });
      return front;
    },
    json(answer, reply, request) {
      answer.setHeader("connection", "close");
      correct.json.call(this, answer, reply, request);
    },
    refuse(answer, refusal, request) {
      answer.setHeader("connection", "close");
      correct.refuse.call(this, answer, refusal, request);
    },
  };
}

/** Does one step of the requests one after the other. */
function oneBody(): Partial<Behaviour> {
  const turn = turns();
  return {
    async read(request) {
      const done = await turn();
      request.once("close", done);
      try {
        return await correct.read.call(this, request);
      } finally {
        done();
      }
    },
  };
}

function oneStream(): Partial<Behaviour> {
  const turn = turns();
  return {
    async reply(payload, request) {
      (await turn())();
      return correct.reply.call(this, payload, request);
    },
    async stream(answer, reply) {
      const done = await turn();
      answer.once("close", done);
      answer.writeHead(200, this.streamHeaders);
      for (let at = 0; at < reply.length && !answer.destroyed; at += 100) {
        const text = reply.slice(at, at + 100);
        if (!answer.write(this.event("delta", { text }))) {
          await Promise.race([new Promise((r) => answer.once("drain", r)), new Promise((r) => answer.once("close", r))]);
        }
      }
      answer.end(this.event("done", { status: "completed" }));
    },
  };
}

export const slowClientDefects: readonly Defect[] = [
  { caughtBy: "L05", mistake: "serves one connection after the other", changes: serves(1) },
  { caughtBy: "L05", mistake: "reads one body after the other", changes: oneBody() },
  { caughtBy: "L05", mistake: "lets everybody wait while one stream is not read", changes: oneStream() },
];
