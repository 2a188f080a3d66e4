import { answerHeader } from "../../http/exchange.ts";
import { type OutgoingRequest, withExtraHeader, withHeader } from "../../sender/outgoing-request.ts";
import { FILLER_HEADER } from "../../sender/snippet.ts";
import { Broken, Skipped } from "../broken.ts";
import type { Check } from "../check.ts";
import { bodyText, described, expectAnswered, expectRefused, isCutOff, statusOf } from "../expect.ts";
import { NOT_IMPLEMENTED, type Webhook } from "../webhook.ts";
import { attack, NO_CRASH, payloadWith, rawRequest, refusesBodies } from "./attack.ts";
import { PARSE } from "./hostile-bodies.ts";

const OTHER_METHODS = "Answer 405 with Allow: POST to every other method.";

export const hostileRequests: readonly Check[] = [
  {
    id: "H12",
    level: "SHOULD",
    name: "answers GET in words or with 405",
    sends: "GET, as a browser sends it",
    expects: "200 and a text, or 405 with Allow",
    fix: 'Answer GET with a line such as "The webhook is up.", or with 405 and Allow: POST.',
    requests: 2,
    async run(webhook) {
      const request = withHeader(bodiless(webhook, "GET"), "Accept", "text/html,application/xhtml+xml,*/*;q=0.8");
      await attack(webhook, request, (sent) => {
        const readable = statusOf(sent) === 200 && bodyText(sent).trim() !== "";
        const told = statusOf(sent) === 405 && answerHeader(sent, "allow") !== "";
        if (!readable && !told) throw new Broken(described(sent), { by: sent });
      });
    },
  },
  {
    id: "H13",
    level: "MUST",
    name: "refuses other methods",
    risk: "reach the reply with other methods",
    sends: "PUT, DELETE and PATCH",
    expects: "405 (404, another 4xx or 501 refuses it too), and then a normal answer to the next message",
    fix: OTHER_METHODS,
    requests: 6,
    async run(webhook) {
      for (const method of ["PUT", "DELETE", "PATCH"]) {
        const request = method === "DELETE" ? bodiless(webhook, method) : { ...webhook.textRequest("hello"), method };
        await attack(webhook, request, (sent) => {
          if (statusOf(sent) !== NOT_IMPLEMENTED) expectRefused(sent);
        });
      }
    },
  },
  {
    id: "H14",
    level: "SHOULD",
    name: "refuses another content type",
    risk: "post to the webhook from a form on any web page",
    sends: "a payload as text/plain",
    expects: "415",
    fix: "If the media type in Content-Type (before any semicolon, in any case) is not application/json, answer 415.",
    requests: 2,
    async run(webhook) {
      await attack(webhook, withHeader(webhook.textRequest("hello"), "Content-Type", "text/plain"), (sent) => {
        if (statusOf(sent) !== 415) throw new Broken(described(sent), { by: sent });
      });
    },
  },
  refusesBodies({
    id: "H15",
    name: "refuses a request without a body",
    risk: "break it with an empty body",
    sends: "Content-Length: 0, signed",
    fix: PARSE,
    bodies: [[]],
  }),
  {
    id: "H16",
    level: "MUST",
    name: "answers no hostile request with a 5xx",
    risk: "make it look broken",
    sends:
      "nothing more: this check looks at the answers to the other hostile requests, without H11 and what only a SHOULD sends",
    expects: "no status of 500 or above",
    fix: "Answer 4xx to a fault of the sender, and 500 only to a fault of your own.",
    requests: 0,
    last: true,
    async run(webhook) {
      if (webhook.attacksSent === 0) throw new Skipped("it looks at the answers to hostile requests, and none was sent");
      const { serverError } = webhook;
      if (!serverError) return;
      const { sent, fix } = serverError;
      throw new Broken(described(sent), { by: sent, ...(fix && { fix }) });
    },
  },
  {
    id: "H17",
    level: "MUST",
    name: "survives a long header and many headers",
    risk: "end it with long headers",
    sends: "a header line of 10 kB, then 200 headers",
    expects: NO_CRASH,
    fix: "Leave header limits to the HTTP server: it may answer 431, but must not crash.",
    requests: 4,
    async run(webhook) {
      await attack(webhook, withExtraHeader(webhook.textRequest("hello"), "X-Long", "a".repeat(10_240)), expectAnswered);
      let many = webhook.textRequest("hello");
      for (let i = 1; i <= 200; i++) many = withExtraHeader(many, `${FILLER_HEADER}${i}`, "x");
      // A server may close the connection at its limit.
      await attack(webhook, many, (sent) => isCutOff(sent) || expectAnswered(sent));
    },
  },
  {
    id: "H18",
    level: "MUST",
    name: "always treats a byte order mark in the same way",
    risk: "get two readings of one message",
    sends: "a payload after a byte order mark, three times",
    expects: "200 or a 4xx, the same three times",
    fix: "Always answer 400 to a byte order mark, or always skip it after verifying.",
    requests: 6,
    async run(webhook) {
      const byteOrderMark = Uint8Array.of(0xef, 0xbb, 0xbf);
      const statuses = new Set<number>();
      for (let i = 0; i < 3; i++) {
        const sent = await attack(webhook, rawRequest(webhook, byteOrderMark, payloadWith({})), expectAnswered);
        statuses.add(statusOf(sent));
        if (statuses.size > 1) throw new Broken(`different answers: ${[...statuses].join(", then ")}`, { by: sent });
      }
    },
  },
  {
    id: "H19",
    level: "MUST",
    name: "survives an unknown event",
    sends: "event: thread_archived",
    expects: "200 or a 4xx, and then a normal answer to the next message",
    fix: "Answer 422 (or 200) to an unknown event.",
    requests: 2,
    async run(webhook) {
      await attack(webhook, rawRequest(webhook, payloadWith({ event: "thread_archived" })), expectAnswered);
    },
  },
  {
    id: "H25",
    level: "SHOULD",
    name: "answers HEAD and OPTIONS",
    sends: "HEAD, then OPTIONS",
    expects: "501, or an answer below 500; and then a normal answer to the next message",
    fix: OTHER_METHODS,
    requests: 4,
    async run(webhook) {
      for (const method of ["HEAD", "OPTIONS"]) {
        await attack(webhook, bodiless(webhook, method), (sent) => {
          if (statusOf(sent) !== NOT_IMPLEMENTED) expectAnswered(sent);
        });
      }
    },
  },
];

/** A request with this method and without a body. */
export function bodiless(webhook: Webhook, method: string): OutgoingRequest {
  const { signing: _, ...request } = webhook.bodyRequest([]);
  const names = ["Content-Type", "Content-Length", "X-Timestamp", "X-Signature"];
  return { ...request, method, headers: request.headers.filter(([name]) => !names.includes(name)) };
}
