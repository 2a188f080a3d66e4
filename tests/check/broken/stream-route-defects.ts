import { type Behaviour, correct } from "./base.ts";
import type { Defect } from "./defect.ts";

/** A webhook whose stream URL has code of its own for one step. */
function onStream(changes: Pick<Behaviour, "verify"> | Pick<Behaviour, "timestampOk">): Partial<Behaviour> {
  return {
    verify(request, body) {
      const own = request.url === "/stream" ? { ...this, ...changes } : this;
      const verify = "verify" in changes && own !== this ? changes.verify : correct.verify;
      return verify.call(own, request, body);
    },
  };
}

let lastText = "";

/** Mistakes that only the stream URL has. */
export const streamRouteDefects: readonly Defect[] = [
  {
    caughtBy: "E16",
    mistake: "accepts messages without signature headers on the stream URL",
    changes: onStream({
      verify(request, body) {
        return request.headers["x-signature"] ? correct.verify.call(this, request, body) : undefined;
      },
    }),
  },
  {
    caughtBy: "E16",
    mistake: "accepts any age on the stream URL",
    changes: onStream({ timestampOk: () => undefined }),
  },
  {
    caughtBy: "E17",
    mistake: "verifies only the raw body on the stream URL",
    changes: onStream({
      verify(request, body) {
        return correct.verify.call({ ...this, forms: (raw) => [raw] }, request, body);
      },
    }),
  },
  {
    caughtBy: "E17",
    mistake: "streams nothing for an empty text",
    changes: {
      async stream(answer, reply) {
        if (reply === "You said: ") answer.writeHead(200, this.streamHeaders).end();
        else await correct.stream.call(this, answer, reply);
      },
    },
  },
  {
    caughtBy: "E06",
    mistake: "cuts the text every 60 UTF-16 units",
    changes: {
      async stream(answer, reply) {
        answer.writeHead(200, this.streamHeaders);
        for (let at = 0; at < reply.length; at += 60) {
          answer.write(this.event("delta", { text: reply.slice(at, at + 60) }));
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        answer.end(this.event("done", { status: "completed" }));
      },
    },
  },
  {
    caughtBy: "E07",
    mistake: "sends a long answer without a pause",
    changes: {
      async stream(answer, reply) {
        answer.writeHead(200, this.streamHeaders);
        const characters = [...reply];
        while (characters.length > 0) answer.write(this.event("delta", { text: characters.splice(0, 200).join("") }));
        await new Promise((resolve) => setTimeout(resolve, 100));
        answer.end(this.event("done", { status: "completed" }));
      },
    },
  },
  {
    caughtBy: "T03",
    mistake: "takes noncharacters for invalid UTF-8",
    changes: {
      verify(request, body) {
        return /[\uffff\ufdd0]/.test(body.toString()) ? [401, "signature_mismatch"] : correct.verify.call(this, request, body);
      },
    },
  },
  {
    caughtBy: "L06",
    mistake: "shares the text of a stream between requests",
    changes: {
      async stream(answer, reply) {
        lastText = reply;
        await new Promise((resolve) => setTimeout(resolve, 30));
        await correct.stream.call(this, answer, lastText);
      },
    },
  },
];
