import { type Behaviour, clean, correct, type Payload } from "./base.ts";
import { crash, type Defect, withReply } from "./defect.ts";

type Rule = (payload: Payload & Record<string, never>) => unknown;

const refusesIf = (rule: Rule): Partial<Behaviour> => ({
  invalid(value) {
    return correct.invalid.call(this, value) ?? (rule(value as never) ? "payload_invalid" : undefined);
  },
});

const labels = (type: string | undefined): Partial<Behaviour> => ({
  json(answer, reply) {
    if (type) answer.setHeader("content-type", type);
    answer.end(JSON.stringify({ reply: clean(reply) }));
  },
});

const answersMethod = (method: string, status: number): Partial<Behaviour> => ({
  first(request, answer) {
    if (request.method !== method) return correct.first.call(this, request, answer);
    answer.writeHead(status).end();
    return true;
  },
});

/** Remembers what was said, under `key`. */
function remembers(key: (payload: Payload) => string): Partial<Behaviour> {
  const memory = new Map<string, string>();
  return withReply((payload) => {
    const before = memory.get(key(payload)) ?? "";
    memory.set(key(payload), payload.message.content);
    return `You said: ${payload.message.content}\n(before: ${before})`;
  });
}

let last: Payload["history_tail"];
let lastText = "";

export const partnerDefects: readonly Defect[] = [
  { caughtBy: "C18", mistake: "labels its JSON as HTML", changes: labels("text/html; charset=utf-8") },
  { caughtBy: "C18", mistake: "labels its JSON as plain text", changes: labels("text/plain") },
  { caughtBy: "C18", mistake: "does not label its JSON", changes: labels(undefined) },
  { caughtBy: "C18", mistake: "says that its JSON is Latin-1", changes: labels("application/json; charset=iso-8859-1") },
  { caughtBy: "C19", mistake: "remembers one conversation for each App", changes: remembers(({ app }) => app.id) },
  {
    caughtBy: "C19",
    mistake: "uses the last history that it got if there is none",
    changes: withReply(({ message, history_tail }) => {
      if (history_tail?.length) last = history_tail;
      return `You said: ${message.content} (after ${(last ?? []).map(({ content }) => content).join("; ")})`;
    }),
  },
  {
    caughtBy: "L01",
    mistake: "adds the text of another message under load",
    changes: withReply(async ({ message }) => {
      lastText = message.content;
      await new Promise((resolve) => setTimeout(resolve, 20));
      return `You said: ${message.content} ${lastText}`;
    }),
  },
  { caughtBy: "C20", mistake: "refuses a text of white space", changes: refusesIf((p) => /^\s+$/.test(p.message.content)) },
  { caughtBy: "C20", mistake: "refuses an empty customer id", changes: refusesIf((p) => p.thread.customer_id === "") },
  {
    caughtBy: "C20",
    mistake: "requires a fraction in the timestamp",
    changes: refusesIf((p) => String(p.timestamp ?? "").endsWith("+00:00") && !String(p.timestamp).includes(".")),
  },
  {
    caughtBy: "C20",
    mistake: "refuses a history entry without text",
    changes: refusesIf((p) => p.history_tail?.some(({ content }) => content === "")),
  },
  {
    caughtBy: "C20",
    mistake: "refuses a customer id of more than 64 characters",
    changes: refusesIf((p) => (p.thread.customer_id ?? "").length > 64),
  },
  { caughtBy: "C21", mistake: "requires customer_id", changes: refusesIf((p) => !("customer_id" in p.thread)) },
  { caughtBy: "C21", mistake: "requires a timestamp", changes: refusesIf((p) => p.timestamp === undefined) },
  {
    caughtBy: "C21",
    mistake: "has 32 bits for seq",
    changes: refusesIf((p) => ((p.message as { seq?: number }).seq ?? 0) > 2 ** 31),
  },
  {
    caughtBy: "C22",
    mistake: "reads no more headers after Content-Length",
    changes: {
      header(request, name) {
        const names = request.rawHeaders.filter((_, i) => i % 2 === 0).map((key) => key.toLowerCase());
        const [at, length] = [names.indexOf(name), names.indexOf("content-length")];
        return length !== -1 && at > length ? undefined : correct.header.call(this, request, name);
      },
    },
  },
  {
    caughtBy: "C22",
    mistake: "does not know its path with a query",
    changes: {
      first(request, answer) {
        if (!request.url?.includes("?")) return correct.first.call(this, request, answer);
        this.refuse(answer, [404, "not_found"], request);
        return true;
      },
    },
  },
  {
    caughtBy: "C22",
    mistake: "answers 417 to Expect: 100-continue",
    changes: {
      before(server) {
        return server.on("checkContinue", (_, answer) => answer.writeHead(417).end());
      },
    },
  },
  { caughtBy: "H25", mistake: "answers 500 to HEAD", changes: answersMethod("HEAD", 500) },
  { caughtBy: "H25", mistake: "answers 500 to OPTIONS", changes: answersMethod("OPTIONS", 500) },
  {
    caughtBy: "H25",
    mistake: "ends at OPTIONS",
    changes: {
      first(request, answer) {
        if (request.method === "OPTIONS") throw new Error("unknown method");
        return correct.first.call(this, request, answer);
      },
      failed: crash,
    },
  },
  {
    caughtBy: "E12",
    mistake: "says ok in done, and not completed",
    changes: {
      event: (type, data) =>
        correct.event.call(correct, type, type === "done" ? { status: "ok", message_id: "m", seq: 3 } : data),
    },
  },
];
