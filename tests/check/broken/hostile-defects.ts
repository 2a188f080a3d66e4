import { type Behaviour, correct, type Payload } from "./base.ts";
import { crash, type Defect } from "./defect.ts";

let defaults: Record<string, unknown> = {};
let flip = false;

/** Throws, and so answers 500, when the correct webhook would refuse the payload. */
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

const throwsOn = (rule: (body: string) => boolean): Partial<Behaviour> => ({
  parse(body) {
    if (rule(body.toString())) throw new Error("unexpected");
    return correct.parse.call(this, body);
  },
});

export const hostileDefects: readonly Defect[] = [
  {
    caughtBy: "H01",
    mistake: "answers 500 to a body that is not JSON",
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
  { caughtBy: "H03", mistake: "treats null as an object", changes: throwsOn((body) => body === "null") },
  { caughtBy: "H04", mistake: "answers 500 if content is missing", changes: throwsInstead },
  {
    caughtBy: "H04",
    mistake: "accepts any content",
    changes: {
      invalid: (p) => (typeof p?.message === "object" && p.message ? undefined : "payload_invalid"),
      reply: ({ message }) => String(message.content),
    },
  },
  {
    caughtBy: "H05",
    mistake: "walks nested values without a limit",
    changes: { ...throwsOn((body) => body.includes("[[[[")) },
  },
  {
    caughtBy: "H05",
    mistake: "crashes on deep nesting",
    changes: { ...throwsOn((body) => body.includes("[[[[")), failed: crash },
  },
  {
    caughtBy: "H06",
    mistake: "merges the payload into its defaults",
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
    mistake: "answers 500 to a duplicate key",
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
    mistake: "treats PUT as POST",
    changes: { first: (request, answer) => (request.method === "PUT" ? false : correct.first.call(correct, request, answer)) },
  },
  { caughtBy: "H14", mistake: "does not look at the content type", changes: { contentTypeOk: () => true } },
  { caughtBy: "H15", mistake: "treats an empty body as an empty message", changes: accepts((body) => body === "") },
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
    mistake: "accepts a byte order mark every second time",
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
