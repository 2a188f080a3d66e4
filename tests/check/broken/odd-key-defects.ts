import { type Behaviour, correct, type Payload } from "./base.ts";
import type { Defect } from "./defect.ts";

type Tree = Record<string, unknown>;

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Merges every payload into one object, deeply, as a vulnerable merge does. What it would write to Object.prototype goes to
 * `polluted` instead, because this process runs other tests too.
 */
function vulnerableMerge(polluted: Tree, from: Tree): void {
  for (const [key, value] of Object.entries(from)) {
    if (key === "__proto__" && isTree(value)) Object.assign(polluted, value);
    else if (key === "constructor" && isTree(value) && isTree(value.prototype)) Object.assign(polluted, value.prototype);
    else if (isTree(value)) vulnerableMerge(polluted, value);
  }
}

/** Takes what is missing in later payloads from the polluted prototype. `at` is the part that is merged. */
function merges(
  at: (payload: Payload & Tree) => unknown,
  use: (polluted: Tree, payload: Payload) => unknown,
): Partial<Behaviour> {
  const polluted: Tree = {};
  return {
    parse(body) {
      const value = correct.parse.call(this, body) as Payload & Tree;
      if (!isTree(value)) return value;
      const part = at(value);
      if (isTree(part)) vulnerableMerge(polluted, part);
      return use(polluted, value);
    },
  };
}

/** Throws for a payload with `broken`, as code does that trusts the methods of an object. */
const throwsFor = (broken: (payload: Payload & Tree) => unknown): Partial<Behaviour> => ({
  parse(body) {
    const value = correct.parse.call(this, body) as Payload & Tree;
    if (isTree(value)) broken(value);
    return value;
  },
  failed(answer) {
    answer.writeHead(500).end();
  },
});

/** Calls a method of the object, which a key of the same name replaces. Throws another error than the parser's. */
function calls(object: unknown, method: string): void {
  if (isTree(object) && Object.hasOwn(object, method) && typeof object[method] !== "function")
    throw new Error(`${method} is no function`);
}

const settings: { secret?: unknown } = {};

export const oddKeyDefects: readonly Defect[] = [
  {
    caughtBy: "H06",
    mistake: "merges content_json deeply, and takes a missing event from the prototype",
    changes: merges(
      (p) => isTree(p.message) && p.message.content_json,
      (polluted, p) => Object.assign({ event: polluted.event }, p),
    ),
  },
  {
    caughtBy: "H06",
    mistake: "merges thread, and takes a missing thread id from the prototype",
    changes: merges(
      (p) => p.thread,
      (polluted, p) => ({ ...p, thread: Object.assign({ id: polluted.id }, p.thread) }),
    ),
  },
  {
    caughtBy: "H06",
    mistake: "merges app, and takes missing text from the prototype",
    changes: merges(
      (p) => p.app,
      (polluted, p) => ({
        ...p,
        message: isTree(p.message) ? Object.assign({ content: polluted.content }, p.message) : p.message,
      }),
    ),
  },
  {
    caughtBy: "H06",
    mistake: "merges history entries, and adds what it finds to every reply",
    changes: merges(
      (p) => ({ ...(p.history_tail ?? []) }),
      (polluted, p) => ({
        ...p,
        message: polluted.prefix ? { content: `${polluted.prefix}${p.message?.content}` } : p.message,
      }),
    ),
  },
  {
    caughtBy: "H06",
    mistake: "merges the payload, and takes its secret from the prototype",
    changes: {
      ...merges(
        (p) => p,
        (polluted, p) => {
          if ("secret" in polluted) settings.secret = polluted.secret;
          return p;
        },
      ),
      verify(request, body) {
        return "secret" in settings && !settings.secret ? undefined : correct.verify.call(this, request, body);
      },
    },
  },
  {
    caughtBy: "H06",
    mistake: "calls hasOwnProperty of message",
    changes: throwsFor((p) => calls(p.message, "hasOwnProperty")),
  },
  {
    caughtBy: "H06",
    mistake: "calls hasOwnProperty of thread and of app",
    changes: throwsFor((p) => {
      calls(p.thread, "hasOwnProperty");
      calls(p.app, "hasOwnProperty");
    }),
  },
  { caughtBy: "H06", mistake: "writes thread as a text", changes: throwsFor((p) => calls(p.thread, "toString")) },
  {
    caughtBy: "H06",
    mistake: "copies the payload, whose __proto__ is null",
    changes: throwsFor((p) => {
      const own = Object.getOwnPropertyDescriptor(p, "__proto__");
      if (own && own.value === null) throw new Error("copy.hasOwnProperty is not a function");
    }),
  },
  {
    caughtBy: "H06",
    mistake: "sets attributes such as __class__ from the keys",
    changes: throwsFor((p) => {
      for (const part of [p, p.app, p.thread, p.message]) {
        if (isTree(part) && Object.hasOwn(part, "__class__")) throw new Error("__class__ must be set to a class");
      }
    }),
  },
];
