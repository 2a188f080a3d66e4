import { bodyBytes } from "../../sender/body.ts";
import { type OutgoingRequest, withExtraHeader, withHeader } from "../../sender/outgoing-request.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { described, expectAlive, expectNotAccepted, statusOf } from "../expect.ts";
import type { Sent } from "../webhook.ts";
import { attack } from "./attack.ts";
import { BODY_LIMIT, MIB, requestOfSize } from "./hostile-bodies.ts";

/** A server that waits for more of a body is not waited for any longer. */
const PATIENCE_MS = 2000;
const CHUNK_BYTES = 65_536;

const withLength = (request: OutgoingRequest, length: string) => withHeader(request, "Content-Length", length);

export const bodyLengths: readonly Check[] = [
  {
    id: "H20",
    level: "MUST",
    name: "refuses a long body whatever length it announces",
    risk: "fill its memory with one request",
    sends: "2 MiB in HTTP chunks, without Content-Length",
    expects: "a 4xx or a closed connection, and then a normal answer to the next message",
    fix: BODY_LIMIT,
    requests: 2,
    async run(webhook) {
      const whole = requestOfSize(webhook, 2 * MIB);
      const unmeasured = withHeader(withHeader(whole, "Content-Length", undefined), "Transfer-Encoding", "chunked");
      await attack(webhook, { ...unmeasured, chunkBytes: CHUNK_BYTES }, expectNotAccepted);
    },
  },
  {
    id: "H21",
    level: "SHOULD",
    name: "believes no length that is not one number",
    risk: "smuggle a request past a proxy",
    sends: "Content-Length negative, with a plus, twice with different values, and 10 bytes too small",
    expects: "a 4xx or a closed connection, and then a normal answer to the next message",
    fix: "Answer 400 to a Content-Length that is not one number of at most 15 digits.",
    requests: 6,
    async run(webhook) {
      const request = webhook.rawTextRequest("a length that is not one number");
      const length = bodyBytes(request.body).length;
      const twice = (first: number, last: number) =>
        withExtraHeader(withLength(request, String(first)), "Content-Length", String(last));
      const variants = [
        ["Content-Length: -1", withLength(request, "-1")],
        ["Content-Length with a plus", withLength(request, `+${length}`)],
        ["Content-Length twice, the first one right", twice(length, length - 10)],
        ["Content-Length twice, the last one right", twice(length - 10, length)],
        ["Content-Length 10 bytes too small", withLength(request, String(length - 10))],
      ] as const;
      let last: Sent | undefined;
      for (const [what, variant] of variants) {
        last = await webhook.send(variant, { idleMs: PATIENCE_MS, endAfterWrite: true });
        expectNotAccepted(last, { sent: what });
      }
      await expectAlive(webhook, last as Sent);
    },
  },
  {
    id: "H27",
    level: "SHOULD",
    name: "survives a length that nobody could send",
    risk: "end it with one header",
    sends: "Content-Length: 1000000000000000 with a small body",
    expects: "no 5xx within 1 s, and then a normal answer to the next message",
    fix: "Allocate memory for the bytes that arrive, not for those that Content-Length announces.",
    requests: 2,
    last: true,
    async run(webhook) {
      const request = withLength(webhook.textRequest("a small body"), "1000000000000000");
      // The connection stays open: a webhook that believes the length fails at once.
      const sent = await webhook.send({ ...request, note: "curl waits here; stop it with Ctrl-C." }, { idleMs: 1000 });
      try {
        await expectAlive(webhook, sent);
      } catch (error) {
        // Not a MUST, and no end of the run: PHP's development server ends there whatever the webhook does.
        throw error instanceof Broken ? new Broken(error.message, { by: sent }) : error;
      }
      if (statusOf(sent) >= 500) throw new Broken(described(sent), { by: sent });
    },
  },
];
