import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { type Behaviour, correct, type Payload } from "./base.ts";
import { type Defect, withReply } from "./defect.ts";

type Rule = (payload: Payload & Record<string, unknown>) => boolean;

/** Refuses payloads that break `rule`, which is not in the contract. */
function refusesUnless(rule: Rule): Partial<Behaviour> {
  return {
    invalid(value) {
      return correct.invalid.call(this, value) ?? (rule(value as never) ? undefined : "payload_invalid");
    },
  };
}

const writes = (text: (reply: string) => string): Partial<Behaviour> => ({
  json(answer, reply) {
    answer.setHeader("content-type", "application/json").end(text(reply));
  },
});

/** Writes the answer without an HTTP library, from its first header on. */
const writesRaw = (rest: (body: string) => string): Partial<Behaviour> => ({
  json(answer, reply) {
    answer.socket?.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${rest(JSON.stringify({ reply }))}`);
  },
});

export const contractDefects: readonly Defect[] = [
  { caughtBy: "C01", mistake: "answers reply: null", changes: writes(() => '{"reply":null}') },
  { caughtBy: "C01", mistake: "answers { text } instead of { reply }", changes: writes((text) => JSON.stringify({ text })) },
  { caughtBy: "C01", mistake: "answers 200 and an error for everything", changes: writes(() => '{"error":"internal"}') },
  {
    caughtBy: "C01",
    mistake: "calls gzip x-gzip, which the main app does not know",
    changes: {
      json(answer, reply) {
        answer.writeHead(200, { "content-encoding": "x-gzip" }).end(gzipSync(JSON.stringify({ reply })));
      },
    },
  },
  {
    caughtBy: "C01",
    mistake: "calls a plain body gzip",
    changes: {
      json(answer, reply) {
        answer.writeHead(200, { "content-encoding": "gzip" }).end(JSON.stringify({ reply }));
      },
    },
  },
  {
    caughtBy: "C01",
    mistake: "writes text after the size of a chunk",
    changes: writesRaw((body) => `Transfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}xyz\r\n${body}\r\n0\r\n\r\n`),
  },
  {
    caughtBy: "C01",
    mistake: "writes a header line without a colon",
    changes: writesRaw((body) => `X-Powered-By\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
  },
  {
    caughtBy: "C02",
    mistake: "accepts at most five history entries",
    changes: refusesUnless((p) => (p.history_tail ?? []).length <= 5),
  },
  {
    caughtBy: "C03",
    mistake: "streams to the Test button",
    changes: { wantsStream: (request) => request.url === "/stream" },
  },
  { caughtBy: "C04", mistake: "requires message.id", changes: refusesUnless((p) => "id" in p.message) },
  {
    caughtBy: "C05",
    mistake: "requires a customer id",
    changes: refusesUnless((p) => p.thread.customer_id !== null || p.app.id === "test-app"),
  },
  {
    caughtBy: "C06",
    mistake: "verifies the body after parsing and writing it again",
    changes: { forms: (body) => [Buffer.from(correct.escape(JSON.stringify(JSON.parse(body.toString()))))] },
  },
  { caughtBy: "C07", mistake: "refuses unknown fields", changes: refusesUnless((p) => !("from_the_future" in p)) },
  {
    caughtBy: "C08",
    mistake: "treats an empty message as a missing one",
    changes: refusesUnless((p) => Boolean(p.message.content)),
  },
  {
    caughtBy: "C09",
    mistake: "refuses a Content-Type with a charset",
    changes: { contentTypeOk: (request) => request.headers["content-type"] === "application/json" },
  },
  {
    caughtBy: "C10",
    mistake: "reads header names in one case only",
    changes: {
      header(request, name) {
        const index = request.rawHeaders.indexOf(name.replace("x-t", "X-T").replace("x-s", "X-S"));
        return index === -1 ? undefined : request.rawHeaders[index + 1];
      },
    },
  },
  {
    caughtBy: "C11",
    mistake: "redirects",
    changes: {
      first(_request, answer) {
        answer.writeHead(307, { location: "/hook/" }).end();
        return true;
      },
    },
  },
  {
    caughtBy: "C11",
    mistake: "compresses with Brotli without being asked",
    changes: {
      json(answer, reply) {
        const body = brotliCompressSync(JSON.stringify({ reply }));
        answer.writeHead(200, { "content-type": "application/json", "content-encoding": "br" }).end(body);
      },
    },
  },
  {
    caughtBy: "C12",
    mistake: "takes more than two seconds",
    changes: withReply(async ({ message }) => {
      await sleep(2100);
      return message.content;
    }),
  },
  {
    caughtBy: "C13",
    mistake: "reads UTF-8 as Latin-1",
    changes: { parse: (body) => JSON.parse(body.toString("latin1")) },
  },
  { caughtBy: "C14", mistake: "sends U+0000", changes: writes((reply) => JSON.stringify({ reply: reply.toWellFormed() })) },
  {
    caughtBy: "C14",
    mistake: "sends half a surrogate pair",
    changes: writes((reply) => JSON.stringify({ reply: reply.replaceAll("\0", "") })),
  },
  { caughtBy: "C14", mistake: "replies with an empty text", changes: withReply(() => "") },
  {
    caughtBy: "C15",
    mistake: "requires a history",
    changes: refusesUnless((p) => (p.history_tail ?? []).length > 0 || p.app.id === "test-app"),
  },
  {
    caughtBy: "C16",
    mistake: "requires X-App-Id",
    changes: {
      verify(request, body) {
        return request.headers["x-app-id"] ? correct.verify.call(this, request, body) : [400, "app_id_missing"];
      },
    },
  },
];
