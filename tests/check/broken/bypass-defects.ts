import type { IncomingMessage } from "node:http";
import { type Behaviour, correct, type Payload } from "./base.ts";
import type { Defect } from "./defect.ts";

/** Does not verify these messages. */
const doesNotVerify = (rule: (request: IncomingMessage, body: string) => boolean): Partial<Behaviour> => ({
  verify(request, body) {
    return rule(request, body.toString()) ? undefined : correct.verify.call(this, request, body);
  },
});

/** Accepts without a further look what has the same key as an accepted message. */
function remembers(keyOf: (request: IncomingMessage, body: Buffer) => string | undefined): Partial<Behaviour> {
  const accepted = new Set<string | undefined>();
  return {
    verify(request, body) {
      const key = keyOf(request, body);
      if (key && accepted.has(key)) return undefined;
      const refusal = correct.verify.call(this, request, body);
      if (!refusal) accepted.add(key);
      return refusal;
    },
  };
}

const messageId = (body: Buffer) => {
  try {
    return (JSON.parse(body.toString()) as Payload & { message: { id?: string } }).message?.id;
  } catch {
    return undefined;
  }
};
const signed = (request: IncomingMessage) => request.headers["x-signature"] !== undefined;

export const bypassDefects: readonly Defect[] = [
  {
    caughtBy: "S18",
    mistake: "does not verify the Test button",
    changes: doesNotVerify((_, body) => body.includes("00000000-0000-0000-0000-000000000000")),
  },
  {
    caughtBy: "S01",
    mistake: "accepts the Test button unsigned",
    changes: doesNotVerify((request, body) => !signed(request) && body.includes("00000000-0000-0000-0000-000000000000")),
  },
  {
    caughtBy: "S01",
    mistake: "accepts the smoke test unsigned",
    changes: doesNotVerify((request, body) => !signed(request) && body.includes('"test-app"')),
  },
  { caughtBy: "S18", mistake: "does not verify text outside ASCII", changes: doesNotVerify((_, body) => /[^ -~]/.test(body)) },
  {
    caughtBy: "S18",
    mistake: "does not verify spaced JSON",
    changes: doesNotVerify((_, body) => body.includes('": "')),
  },
  {
    caughtBy: "S18",
    mistake: "verifies only the plain content type",
    changes: doesNotVerify((request) => request.headers["content-type"] !== "application/json"),
  },
  {
    caughtBy: "S18",
    mistake: "verifies only a body with Content-Length",
    changes: doesNotVerify((request) => request.headers["content-length"] === undefined),
  },
  {
    caughtBy: "S18",
    mistake: "does not verify without X-App-Id",
    changes: doesNotVerify((request) => request.headers["x-app-id"] === undefined),
  },
  { caughtBy: "S18", mistake: "does not verify long messages", changes: doesNotVerify((_, body) => body.length > 65_536) },
  {
    caughtBy: "S18",
    mistake: "lets a message through if verifying it throws",
    changes: {
      verify(request, body) {
        try {
          new TextDecoder("utf-8", { fatal: true }).decode(body);
        } catch {
          return undefined;
        }
        return correct.verify.call(this, request, body);
      },
      parse: (body) => JSON.parse(body.toString()),
    },
  },
  {
    caughtBy: "S18",
    mistake: "lets a message through if verifying it takes too deep a recursion",
    changes: doesNotVerify((_, body) => /\[{10000}/.test(body)),
  },
  {
    caughtBy: "S19",
    mistake: "knows an accepted message by its id",
    changes: remembers((_, body) => messageId(body)),
  },
  {
    caughtBy: "S19",
    mistake: "knows an accepted message by its signature",
    changes: remembers((request) => request.headers["x-signature"]?.toString()),
  },
  {
    caughtBy: "S19",
    mistake: "knows an accepted message by its body",
    changes: remembers((_, body) => body.toString()),
  },
];
