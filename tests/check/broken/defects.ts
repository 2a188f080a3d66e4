import { setTimeout as sleep } from "node:timers/promises";
import { brotliCompressSync } from "node:zlib";
import { type Behaviour, correct, type Payload, type Refusal } from "./base.ts";

/** One mistake in an otherwise correct webhook, and the check that is there to catch it. */
export interface Defect {
  readonly caughtBy: string;
  readonly mistake: string;
  readonly changes: Partial<Behaviour>;
  /** Checks that have to run before, because the one that catches looks at their answers. */
  readonly after?: string;
}

type Rule = (payload: Payload & Record<string, unknown>) => boolean;

/** Refuses payloads that break a rule that is not in the contract. */
function refusesUnless(rule: Rule): Partial<Behaviour> {
  return {
    invalid(value) {
      return correct.invalid.call(this, value) ?? (rule(value as never) ? undefined : "payload_invalid");
    },
  };
}

/** Throws where the correct one would refuse the payload, which ends as a 500. */
const throwsInstead: Partial<Behaviour> = {
  invalid(value) {
    const refusal = correct.invalid.call(this, value);
    if (refusal) throw new Error(refusal);
    return undefined;
  },
};

const accepts = (rule: (body: string) => boolean): Partial<Behaviour> => ({
  parse(body) {
    return rule(body.toString())
      ? { event: "message_received", app: { id: "a" }, thread: { id: "t" }, message: { content: "?" } }
      : correct.parse.call(this, body);
  },
});

const withReply = (reply: Behaviour["reply"]): Partial<Behaviour> => ({ reply });
const writes = (text: (reply: string) => string): Partial<Behaviour> => ({
  json(answer, reply) {
    answer.setHeader("content-type", "application/json").end(text(reply));
  },
});

/** Lets go of every connection and the port, as a process that ends. */
const crash: Behaviour["failed"] = (_answer, _error, server) => {
  server.closeAllConnections();
  server.close();
};

let shared = "";
let defaults: Record<string, unknown> = {};
let flip = false;
let inRow = 0;
let queue: Promise<unknown> = Promise.resolve();

const contract: Defect[] = [
  { caughtBy: "C01", mistake: "answers reply: null", changes: writes(() => '{"reply":null}') },
  { caughtBy: "C01", mistake: "answers { text } instead of { reply }", changes: writes((text) => JSON.stringify({ text })) },
  { caughtBy: "C01", mistake: "answers 200 and an error for everything", changes: writes(() => '{"error":"internal"}') },
  {
    caughtBy: "C02",
    mistake: "takes at most five entries of history",
    changes: refusesUnless((p) => (p.history_tail ?? []).length <= 5),
  },
  {
    caughtBy: "C03",
    mistake: "streams to the Test button",
    changes: { wantsStream: (request) => request.url === "/stream" },
  },
  { caughtBy: "C04", mistake: "needs message.id", changes: refusesUnless((p) => "id" in p.message) },
  {
    caughtBy: "C05",
    mistake: "needs a customer id",
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
    mistake: "takes an empty message for a missing one",
    changes: refusesUnless((p) => Boolean(p.message.content)),
  },
  {
    caughtBy: "C09",
    mistake: "ignores that Content-Type may have a charset",
    changes: { contentTypeOk: (request) => request.headers["content-type"] === "application/json" },
  },
  {
    caughtBy: "C10",
    mistake: "knows header names in one case only",
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
    mistake: "compresses with Brotli, unasked",
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
  { caughtBy: "C14", mistake: "lets U+0000 out", changes: writes((reply) => JSON.stringify({ reply: reply.toWellFormed() })) },
  {
    caughtBy: "C14",
    mistake: "lets half a surrogate pair out",
    changes: writes((reply) => JSON.stringify({ reply: reply.replaceAll("\0", "") })),
  },
  { caughtBy: "C14", mistake: "replies nothing", changes: withReply(() => "") },
  {
    caughtBy: "C15",
    mistake: "needs a history",
    changes: refusesUnless((p) => (p.history_tail ?? []).length > 0 || p.app.id === "test-app"),
  },
  {
    caughtBy: "C16",
    mistake: "needs X-App-Id",
    changes: {
      verify(request, body) {
        return request.headers["x-app-id"] ? correct.verify.call(this, request, body) : [400, "app_id_missing"];
      },
    },
  },
];

const text: Defect[] = [
  { caughtBy: "T01", mistake: "verifies the raw bytes only", changes: { forms: (body) => [body] } },
  {
    caughtBy: "T02",
    mistake: "escapes by code point, not by UTF-16 unit",
    changes: {
      escape: (json) => json.replace(/[^ -~]/gu, (char) => `\\u${char.codePointAt(0)?.toString(16).padStart(4, "0")}`),
    },
  },
  {
    caughtBy: "T03",
    mistake: "does not escape U+007F",
    changes: {
      escape: (json) => json.replace(/[\x80-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
    },
  },
  {
    caughtBy: "T04",
    mistake: "verifies the escaped form only",
    changes: { forms: (body) => [Buffer.from(correct.escape(body.toString()))] },
  },
  {
    caughtBy: "T04",
    mistake: "trims the body",
    changes: { forms: (body) => correct.forms.call(correct, Buffer.from(body.toString().trim())) },
  },
  {
    caughtBy: "T05",
    mistake: "does not know the compact form",
    changes: { forms: (body) => correct.forms.call(correct, body).slice(0, 2) },
  },
  {
    caughtBy: "T06",
    mistake: "escapes no more than 20 characters",
    changes: {
      escape(json) {
        let left = 20;
        return json.replace(/[^ -~]/g, (unit) => (left-- > 0 ? correct.escape.call(correct, unit) : unit));
      },
    },
  },
  { caughtBy: "T07", mistake: "has a body limit of 100 kB", changes: { maxBytes: 100_000 } },
];

const acceptsWithout = (...names: string[]): Partial<Behaviour> => ({
  verify(request, body) {
    return names.every((name) => !request.headers[name]) ? undefined : correct.verify.call(this, request, body);
  },
});

/** Takes a timestamp as some language would read it. */
const readsTimestamp = (read: (text: string) => number): Partial<Behaviour> => ({
  timestampOk(timestamp): Refusal | undefined {
    return Math.abs(Date.now() / 1000 - read(timestamp)) > 301 ? [401, "timestamp_outside_tolerance"] : undefined;
  },
});

const signature: Defect[] = [
  { caughtBy: "S01", mistake: "fails open without headers", changes: acceptsWithout("x-signature", "x-timestamp") },
  { caughtBy: "S02", mistake: "fails open without X-Signature", changes: acceptsWithout("x-signature") },
  { caughtBy: "S03", mistake: "fails open without X-Timestamp", changes: acceptsWithout("x-timestamp") },
  { caughtBy: "S04", mistake: "never compares", changes: { matches: () => true } },
  {
    caughtBy: "S05",
    mistake: "signs the first 300 bytes",
    changes: { forms: (body) => [body.subarray(0, 300)], matches: () => true },
  },
  {
    caughtBy: "S06",
    mistake: "finds a timestamp that fits",
    changes: {
      matches: () => false,
      forms: (body) => [body],
      verify(request, body) {
        const digits = String(request.headers["x-signature"]).slice("sha256=".length);
        const time = Number(request.headers["x-timestamp"]);
        for (let t = time - 30; t <= time + 30; t++) {
          if (correct.matches.call(this, digits, this.digest(String(t), body))) return undefined;
        }
        return [401, "signature_mismatch"];
      },
    },
  },
  {
    caughtBy: "S07",
    mistake: "accepts any age",
    changes: { timestampOk: (timestamp) => (Number(timestamp) > Date.now() / 1000 + 300 ? [401, "timestamp"] : undefined) },
  },
  {
    caughtBy: "S08",
    mistake: "accepts any future",
    changes: { timestampOk: (timestamp) => (Number(timestamp) < Date.now() / 1000 - 301 ? [401, "timestamp"] : undefined) },
  },
  { caughtBy: "S09", mistake: "allows 60 s", changes: { toleranceSeconds: 60 } },
  {
    caughtBy: "S10",
    mistake: "compares as many digits as there are",
    changes: {
      signatureDigits: (value) => /^sha256=(\w*)$/.exec(value)?.[1],
      matches: (digits, expected) => expected.toString("hex").startsWith(digits.slice(0, 64)),
    },
  },
  {
    caughtBy: "S10",
    mistake: "does not look at the prefix",
    changes: { signatureDigits: (value) => /([0-9a-f]{64})$/.exec(value)?.[1] },
  },
  {
    caughtBy: "S10",
    mistake: "answers 500 to a signature of another length",
    changes: { signatureDigits: (value) => value.replace("sha256=", "") },
  },
  { caughtBy: "S11", mistake: "compares a NaN", changes: readsTimestamp(Number) },
  {
    caughtBy: "S11",
    mistake: "accepts milliseconds",
    changes: readsTimestamp((time) =>
      /^\d{13}$/.test(time) ? Number(time) / 1000 : Number(/^\d{1,12}$/.exec(time)?.[0] ?? 0),
    ),
  },
  {
    caughtBy: "S11",
    mistake: "reads as many digits as there are",
    changes: readsTimestamp((time) => Number.parseInt(time, 10)),
  },
  {
    caughtBy: "S12",
    mistake: "takes the first of several signatures",
    changes: { header: (request, name) => String(request.headersDistinct[name]?.[0] ?? "").split(",")[0] },
  },
  {
    caughtBy: "S12",
    mistake: "takes any of several signatures",
    changes: {
      header: (request, name) => request.headersDistinct[name]?.join(","),
      signatureDigits: (value) => value,
      matches: (values, expected) => values.split(/, */).includes(`sha256=${expected.toString("hex")}`),
    },
  },
  {
    caughtBy: "S13",
    mistake: "says which signature it expected",
    changes: {
      verify(request, body) {
        const refusal = correct.verify.call(this, request, body);
        return (
          refusal && [401, `signature should be ${this.digest(String(request.headers["x-timestamp"]), body).toString("hex")}`]
        );
      },
    },
  },
  {
    caughtBy: "S13",
    mistake: "says its secret",
    changes: {
      refuse(answer, [status, code]) {
        answer.writeHead(status, { "x-debug": `${code} ${this.secret}` }).end("signature");
      },
    },
  },
  {
    caughtBy: "S14",
    mistake: "accepts an empty key",
    changes: {
      verify(request, body) {
        return (
          correct.verify.call(this, request, body) &&
          correct.verify.call({ ...this, secret: " ", digest: withEmptyKey }, request, body)
        );
      },
    },
  },
  {
    caughtBy: "S14",
    mistake: "signs a body that something else has read already",
    changes: { forms: (body) => [...correct.forms.call(correct, body), Buffer.alloc(0)] },
  },
  { caughtBy: "S15", mistake: "says 403", changes: refuseWith((status) => (status === 401 ? 403 : status)) },
  {
    caughtBy: "S15",
    mistake: "does not say why",
    changes: {
      refuse(answer, [status]) {
        answer.writeHead(status).end();
      },
    },
  },
  {
    caughtBy: "S16",
    mistake: "compares strings",
    changes: {
      matches: (digits, expected) => digits === expected.toString("hex"),
    },
  },
];

function withEmptyKey(this: Behaviour, timestamp: string, body: Buffer): Buffer {
  return correct.digest.call({ ...this, secret: "" }, timestamp, body);
}

function refuseWith(change: (status: number) => number): Partial<Behaviour> {
  return {
    refuse(answer, [status, code], request) {
      correct.refuse.call(this, answer, [change(status), code], request);
    },
  };
}

const throwsOn = (rule: (body: string) => boolean): Partial<Behaviour> => ({
  parse(body) {
    if (rule(body.toString())) throw new Error("unexpected");
    return correct.parse.call(this, body);
  },
});

const hostile: Defect[] = [
  {
    caughtBy: "H01",
    mistake: "answers 500 to what is not JSON",
    changes: {
      parse(body) {
        try {
          return JSON.parse(body.toString());
        } catch {
          throw new Error("unexpected");
        }
      },
    },
  },
  { caughtBy: "H02", mistake: "repairs invalid UTF-8", changes: { parse: (body) => JSON.parse(body.toString()) } },
  { caughtBy: "H03", mistake: "takes null for an object", changes: throwsOn((body) => body === "null") },
  { caughtBy: "H04", mistake: "answers 500 where content is missing", changes: throwsInstead },
  {
    caughtBy: "H04",
    mistake: "takes any content",
    changes: {
      invalid: (p) => (typeof p?.message === "object" && p.message ? undefined : "payload_invalid"),
      reply: ({ message }) => String(message.content),
    },
  },
  {
    caughtBy: "H05",
    mistake: "walks what is nested without a limit",
    changes: { ...throwsOn((body) => body.includes("[[[[")) },
  },
  {
    caughtBy: "H05",
    mistake: "crashes on deep nesting",
    changes: { ...throwsOn((body) => body.includes("[[[[")), failed: crash },
  },
  {
    caughtBy: "H06",
    mistake: "merges what it gets into its defaults",
    changes: {
      parse(body) {
        const value = correct.parse.call(this, body) as Payload;
        const own = Object.getOwnPropertyDescriptor(value, "__proto__");
        if (own) defaults = { ...own.value };
        return { ...value, message: { ...defaults, ...value.message } };
      },
    },
  },
  {
    caughtBy: "H07",
    mistake: "answers 500 to a key that is there twice",
    changes: throwsOn((body) => body.split('"event"').length > 2),
  },
  { caughtBy: "H08", mistake: "has a body limit of 512 KiB", changes: { maxBytes: 524_288 } },
  { caughtBy: "H09", mistake: "has no body limit", changes: { maxBytes: Number.POSITIVE_INFINITY } },
  {
    caughtBy: "H10",
    mistake: "reads Content-Length bytes",
    changes: {
      async read(request) {
        const body = await correct.read.call(this, request);
        return Buffer.isBuffer(body) ? body.subarray(0, Number(request.headers["content-length"] ?? 0)) : body;
      },
    },
  },
  {
    caughtBy: "H11",
    mistake: "crashes on a body that breaks off",
    changes: { brokenOff: (server) => crash.call(correct, {} as never, undefined, server) },
  },
  {
    caughtBy: "H12",
    mistake: "answers 404 to GET",
    changes: {
      first(request, answer) {
        if (request.method !== "GET") return correct.first.call(this, request, answer);
        answer.writeHead(404).end();
        return true;
      },
    },
  },
  {
    caughtBy: "H13",
    mistake: "takes PUT for POST",
    changes: { first: (request, answer) => (request.method === "PUT" ? false : correct.first.call(correct, request, answer)) },
  },
  { caughtBy: "H14", mistake: "does not look at the content type", changes: { contentTypeOk: () => true } },
  { caughtBy: "H15", mistake: "takes no body for an empty message", changes: accepts((body) => body === "") },
  { caughtBy: "H16", mistake: "answers 500 to a list", changes: throwsOn((body) => body === "[]"), after: "H03" },
  {
    caughtBy: "H17",
    mistake: "answers 500 to many headers",
    changes: {
      contentTypeOk(request) {
        if (request.rawHeaders.length > 300) throw new Error("unexpected");
        return true;
      },
    },
  },
  {
    caughtBy: "H18",
    mistake: "takes a byte order mark every second time",
    changes: {
      parse(body) {
        if (body[0] !== 0xef) return correct.parse.call(this, body);
        flip = !flip;
        return correct.parse.call(this, flip ? body.subarray(3) : body);
      },
    },
  },
  { caughtBy: "H19", mistake: "answers 500 to an unknown event", changes: throwsInstead },
];

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

const stream: Defect[] = [
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
  { caughtBy: "E03", mistake: "never says done", changes: streamsWith((event, text) => [event("delta", { text })]) },
  {
    caughtBy: "E03",
    mistake: "says done without data",
    changes: streamsWith((event, text) => [event("delta", { text }), "event: done\n\n"]),
  },
  {
    caughtBy: "E03",
    mistake: "says something after done",
    changes: streamsWith((event, text) => [event("done", DONE), event("delta", { text })]),
  },
  {
    caughtBy: "E04",
    mistake: "loses the spaces between chunks",
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
    mistake: "keeps the stream until it is whole",
    changes: {
      async stream(answer, reply) {
        answer.writeHead(200, this.streamHeaders).end(this.event("delta", { text: reply }) + this.event("done", DONE));
      },
    },
  },
  {
    caughtBy: "E08",
    mistake: "says how long the stream is",
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
    mistake: "lets proxies keep the stream",
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
    mistake: "tells of a failure by an error event",
    changes: streamsWith((event) => [event("error", { message: "failed" }), event("done", DONE)]),
  },
];

const load: Defect[] = [
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
    mistake: "drops a kept-alive connection without a word",
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
    mistake: "answers a repeated request anew",
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

export const defects: readonly Defect[] = [...contract, ...text, ...signature, ...hostile, ...stream, ...load];
