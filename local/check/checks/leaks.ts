import { answerHeader } from "../../http/exchange.ts";
import { type OutgoingRequest, withHeader } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import { Broken } from "../broken.ts";
import type { Check } from "../check.ts";
import { bodyText, described, expectAlive, statusOf } from "../expect.ts";
import type { Leak } from "../leak-watch.ts";
import { type Sent, token, type Webhook } from "../webhook.ts";
import { payloadWith, rawRequest } from "./attack.ts";
import { bodiless } from "./hostile-requests.ts";
import { SAY_NO_SIGNATURE } from "./signature-answers.ts";

const ALL_ANSWERS =
  "GET to the URL and to paths beside it, and requests to refuse; this check looks at every answer of the run";
/** Requests of one of the checks below. They share them. */
const PROBES = 9;

interface Probe {
  /** What the request contains. */
  readonly mark: string;
  readonly markup: string;
  readonly sent: Sent;
}

/** Requests that ask for what is not there, or that must be refused. Each contains its own mark. Sent once. */
function probes(webhook: Webhook): Promise<readonly Probe[]> {
  return webhook.once("probes", async () => {
    const answered: Probe[] = [];
    for (const make of [...pages, ...refusals]) {
      const mark = `m${token()}`;
      const markup = `<u>${mark}`;
      answered.push({ mark, markup, sent: await webhook.send(make(webhook, mark, markup)) });
    }
    return answered;
  });
}

type Make = (webhook: Webhook, mark: string, markup: string) => OutgoingRequest;

const pages: readonly Make[] = [
  (webhook, _, markup) => page(webhook, `?q=${encodeURIComponent(markup)}`),
  (webhook, _, markup) => page(webhook, encodeURIComponent(markup)),
  (webhook) => page(webhook, "health"),
  (webhook) => page(webhook, ".env"),
];

const refusals: readonly Make[] = [
  (webhook, mark, markup) => {
    const request = webhook.textRequest(markup);
    const headers = { "X-App-Id": markup, "X-Thread-Id": markup, "User-Agent": markup };
    const marked = Object.entries(headers).reduce((changed, [name, value]) => withHeader(changed, name, value), request);
    return webhook.signed ? withHeader(marked, "X-Signature", `sha256=${mark}`) : marked;
  },
  (webhook, mark) => rawRequest(webhook, mark),
  (webhook, _, markup) => rawRequest(webhook, payloadWith({ event: markup })),
  (webhook, _, markup) => rawRequest(webhook, payloadWith({ message: { ...mainAppPayload().message, content: [markup] } })),
  (webhook, mark) => withHeader(webhook.rawTextRequest(mark), "Content-Type", `text/${mark}`),
];

function page(webhook: Webhook, path: string): OutgoingRequest {
  const request = bodiless(webhook, "GET");
  return { ...withHeader(request, "Accept", "text/html,*/*;q=0.8"), url: new URL(path, webhook.url) };
}

/** Throws {@link Broken} if there is a leak. */
function expectNone(leak: Leak | undefined, details: { fix?: string; level?: "SHOULD" } = {}): void {
  if (leak) throw new Broken(`${leak.what}, in ${described(leak.sent)}`, { by: leak.sent, ...details });
}

export const leaks: readonly Check[] = [
  {
    id: "H22",
    level: "MUST",
    name: "shows neither the secret nor the expected signature in any answer",
    risk: "learn the secret or the right signature, and sign any message",
    sends: ALL_ANSWERS,
    expects: "no answer with the secret in any form, in its head or its body; no refusal with the signature that was expected",
    fix: "Write no settings into an answer, and serve no files such as .env. Then change the secret.",
    requests: PROBES,
    needs: ["secret"],
    last: true,
    async run(webhook) {
      await probes(webhook);
      expectNone(webhook.leaks.secret);
      expectNone(webhook.leaks.signature, { fix: SAY_NO_SIGNATURE });
    },
  },
  {
    id: "H23",
    level: "MUST",
    name: "shows no stack trace in any answer",
    risk: "learn how it is built, and where its files are",
    sends: ALL_ANSWERS,
    expects: "no answer with a stack trace; SHOULD: no error with the path of a file",
    fix: "Turn off the framework's debug mode, log exceptions, and answer an error with a fixed sentence.",
    requests: PROBES,
    last: true,
    async run(webhook) {
      await probes(webhook);
      expectNone(webhook.leaks.stack);
      expectNone(webhook.leaks.filePath, { level: "SHOULD" });
    },
  },
  {
    id: "H24",
    level: "SHOULD",
    name: "repeats nothing of a refused request",
    risk: "have words of its own shown as an answer",
    sends: "requests to refuse, with a mark in the path, the query, the headers and the body",
    expects: "an error whose body does not contain the mark, and then a normal answer to the next message",
    fix: "Answer an error with a fixed sentence: the messages of a parser or a framework quote what was sent.",
    requests: PROBES + 1,
    async run(webhook) {
      const all = await probes(webhook);
      await expectAlive(webhook, (all.at(-1) as Probe).sent);
      for (const { mark, sent } of all) {
        if (statusOf(sent) >= 400 && bodyText(sent).includes(mark)) throw new Broken(described(sent), { by: sent });
      }
    },
  },
  {
    id: "H26",
    level: "MUST",
    name: "writes no markup of a caller into a page",
    risk: "run a script in the browser of whoever follows a link",
    sends: "requests with markup in the path, the query, the headers and the body",
    expects: "no HTML page with this markup as it was sent",
    fix: "Escape what comes from a request before you write it into HTML. Or write nothing of it.",
    requests: PROBES,
    async run(webhook) {
      for (const { markup, sent } of await probes(webhook)) {
        // The reply of an echo is no page.
        if (sent.request.method === "POST" && statusOf(sent) < 400) continue;
        const isPage = /html|xml|^$/i.test(answerHeader(sent, "content-type"));
        if (isPage && bodyText(sent).includes(markup)) throw new Broken(described(sent), { by: sent });
      }
    },
  },
];
