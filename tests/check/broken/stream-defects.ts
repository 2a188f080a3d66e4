import { setTimeout as sleep } from "node:timers/promises";
import { createGzip } from "node:zlib";
import { type Behaviour, correct } from "./base.ts";
import { crash, type Defect } from "./defect.ts";

const streamsWith = (
  changes: (event: (type: string, data: object) => string, reply: string) => string[],
): Partial<Behaviour> => ({
  async stream(answer, reply) {
    answer.writeHead(200, this.streamHeaders);
    for (const text of changes((type, data) => this.event(type, data), reply)) {
      await new Promise<void>((resolve) => answer.write(text, () => setTimeout(resolve, 20)));
    }
    answer.end();
  },
});
const DONE = { status: "completed" };

export const streamDefects: readonly Defect[] = [
  { caughtBy: "E01", mistake: "answers JSON on the stream URL", changes: { wantsStream: () => false } },
  {
    caughtBy: "E01",
    mistake: "writes the content type in capitals",
    changes: { streamHeaders: { ...correct.streamHeaders, "content-type": "Text/Event-Stream" } },
  },
  {
    caughtBy: "E02",
    mistake: "is silent for more than 8 s",
    changes: {
      async stream(answer, reply) {
        answer.writeHead(200, this.streamHeaders).flushHeaders();
        await sleep(8100);
        await correct.stream.call({ ...this, streamHeaders: {} }, answer, reply).catch(() => {});
        answer.end();
      },
    },
  },
  { caughtBy: "E03", mistake: "never sends done", changes: streamsWith((event, text) => [event("delta", { text })]) },
  {
    caughtBy: "E03",
    mistake: "sends done without data",
    changes: streamsWith((event, text) => [event("delta", { text }), "event: done\n\n"]),
  },
  {
    caughtBy: "E03",
    mistake: "sends a delta after done",
    changes: streamsWith((event, text) => [event("done", DONE), event("delta", { text })]),
  },
  {
    caughtBy: "E04",
    mistake: "loses the spaces between deltas",
    changes: streamsWith((event, reply) => [...reply.split(" ").map((text) => event("delta", { text })), event("done", DONE)]),
  },
  {
    caughtBy: "E05",
    mistake: "ends lines with CRLF",
    changes: { event: (type, data) => correct.event.call(correct, type, data).replaceAll("\n", "\r\n") },
  },
  {
    caughtBy: "E05",
    mistake: "writes a data line for each line of text",
    changes: { event: (type, data) => `event: ${type}\n${JSON.stringify(data, null, 1).replace(/^/gm, "data: ")}\n\n` },
  },
  {
    caughtBy: "E05",
    mistake: "writes plain text as data",
    changes: streamsWith((event, text) => [`event: delta\ndata: ${text.split("\n")[0]}\n\n`, event("done", DONE)]),
  },
  {
    caughtBy: "E06",
    mistake: "cuts characters in two",
    changes: {
      escape: (json) => json,
      forms: (body) => correct.forms.call(correct, body),
      async stream(answer, reply) {
        answer.writeHead(200, this.streamHeaders);
        const bytes = Buffer.from(this.event("delta", { text: reply }));
        for (let at = 0; at < bytes.length; at += 7) {
          await new Promise<void>((resolve) => answer.write(bytes.subarray(at, at + 7), () => setTimeout(resolve, 1)));
        }
        answer.end(this.event("done", DONE));
      },
    },
  },
  {
    caughtBy: "E07",
    mistake: "writes a long answer as one event",
    changes: streamsWith((event, text) => [event("delta", { text }), event("done", DONE)]),
  },
  {
    caughtBy: "E08",
    mistake: "buffers the whole stream",
    changes: {
      async stream(answer, reply) {
        answer.writeHead(200, this.streamHeaders).end(this.event("delta", { text: reply }) + this.event("done", DONE));
      },
    },
  },
  {
    caughtBy: "E08",
    mistake: "compresses the stream, and never flushes the compression",
    changes: {
      async stream(answer, reply) {
        const gzip = createGzip();
        gzip.pipe(answer.writeHead(200, { ...this.streamHeaders, "content-encoding": "gzip" }));
        for (const text of reply.match(/.{1,70}/gs) ?? []) {
          await new Promise<void>((resolve) => gzip.write(this.event("delta", { text }), () => setTimeout(resolve, 1)));
        }
        await sleep(20);
        gzip.end(this.event("done", DONE));
      },
    },
  },
  {
    caughtBy: "E08",
    mistake: "sends the length of the stream",
    changes: {
      async stream(answer, reply) {
        const whole = this.event("delta", { text: reply }) + this.event("done", DONE);
        answer.writeHead(200, { ...this.streamHeaders, "content-length": Buffer.byteLength(whole) }).end(whole);
      },
    },
  },
  {
    caughtBy: "E09",
    mistake: "refuses inside a stream",
    changes: {
      refuse(answer, refusal, request) {
        if (request.url !== "/stream") return correct.refuse.call(this, answer, refusal, request);
        answer.writeHead(200, this.streamHeaders).end(this.event("error", { message: refusal[1] }));
      },
    },
  },
  {
    caughtBy: "E10",
    mistake: "crashes when the caller hangs up",
    changes: {
      async stream(answer, reply) {
        await Promise.race([
          correct.stream.call(this, answer, reply),
          new Promise((_, reject) => answer.on("close", () => !answer.writableFinished && reject(new Error("hung up")))),
        ]);
      },
      failed: crash,
    },
  },
  {
    caughtBy: "E11",
    mistake: "lets proxies cache the stream",
    changes: { streamHeaders: { "content-type": "text/event-stream" } },
  },
  { caughtBy: "E12", mistake: "stores nothing", changes: {} },
  {
    caughtBy: "E13",
    mistake: "sends done with the last text",
    changes: streamsWith((event, text) => [": hello\n\n", event("delta", { text }) + event("done", DONE)]),
  },
  {
    caughtBy: "E14",
    mistake: "sends a failure as an error event",
    changes: streamsWith((event) => [event("error", { message: "failed" }), event("done", DONE)]),
  },
];
