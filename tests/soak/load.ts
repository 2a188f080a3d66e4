import { request as httpRequest, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { payload } from "../support/payload.ts";
import { signedRequest } from "../support/signing.ts";
import { type Answer, type ExactRequest, jsonOf, type TestTarget, textOf } from "../support/target.ts";

export const SECRET = "soak-secret";
export const FALLBACK = "Sorry.";

/** Nearly 1 MiB, which is the limit of a body. */
const BIG = 1_000_000;
const SLOW_READER_MS = 2000;
const TEN_WORDS = Array.from({ length: 10 }, (_, index) => `word${index + 1} `).join("");
let count = 0;

/** One kind of load: sends one request, or a few, and returns what is wrong with the answers. */
type Kind = (target: TestTarget) => Promise<string | undefined>;

/** What is sent to a webhook, each kind again and again, all kinds at the same time. */
export const KINDS: Record<string, Kind> = {
  "chat streams": async (target) => {
    const answer = await target.send(await message("script: ten words", "/stream"));
    return differs(streamed(answer), TEN_WORDS);
  },
  "/run": async (target) => {
    const content = unique();
    return differs(jsonOf(await target.send(await message(content))), { reply: `Echo: ${content}` });
  },
  copies: async (target) => {
    const content = unique();
    const timestamp = now();
    const requests = await Promise.all(["/", "/stream", "/"].map((path) => message(content, path, timestamp)));
    const [first, second, third] = await Promise.all(requests.map((request) => target.send(request)));
    const texts = [jsonOf(first as Answer).reply, streamed(second as Answer), jsonOf(third as Answer).reply];
    return differs(texts, Array(3).fill(`Echo: ${content}`));
  },
  "refused signatures": async (target) => {
    const body = JSON.stringify(payload(unique()));
    const answer = await target.send(await signedRequest("another-secret", now(), body));
    return differs([answer.status, jsonOf(answer).code], [401, "signature_mismatch"]);
  },
  "big bodies": async (target) => {
    const content = unique().padEnd(BIG, "x");
    const answer = await target.send(await message(content));
    return differs([answer.status, jsonOf(answer).reply.length], [200, content.length + "Echo: ".length]);
  },
  "failing replies": async (target) => {
    const answer = await target.send(await message(`script: fail`, "/"));
    const stream = await target.send(await message(`script: fail`, "/stream"));
    return differs([answer.status, jsonOf(answer).code, streamed(stream)], [500, "reply_failed", FALLBACK]);
  },
  "hang-ups": async (target) => {
    const incoming = await open(target, await message("script: until hang-up", "/stream"));
    let pieces = 0;
    for await (const _ of incoming) if (++pieces === 5) break;
    incoming.destroy();
    return pieces === 5 ? undefined : `the stream ended after ${pieces} pieces`;
  },
  "slow readers": async (target) => {
    const incoming = await open(target, await message("script: megabyte"));
    await delay(SLOW_READER_MS);
    return differs(JSON.parse(await text(incoming)).reply.length, 500_000);
  },
};

const now = () => Math.floor(Date.now() / 1000);
const unique = () => `message ${++count} é `;

function message(content: string, path = "/", timestamp = now()): Promise<ExactRequest> {
  // Another name each time, so that only "copies" sends copies.
  const body = JSON.stringify(payload(content, { version: content.startsWith("script") ? unique() : "1.0" }));
  return signedRequest(SECRET, timestamp, body, { path });
}

/** The text of a stream, or what it was instead. */
function streamed(answer: Answer): string {
  const text = textOf(answer);
  if (!text.endsWith('\n\nevent: done\ndata: {"status":"completed"}\n\n')) return `${answer.status} ${text.slice(0, 500)}`;
  return Array.from(text.matchAll(/^event: delta\ndata: (.*)$/gm), ([, data]) => JSON.parse(data as string).text).join("");
}

function differs(got: unknown, wanted: unknown): string | undefined {
  const [first, second] = [JSON.stringify(got), JSON.stringify(wanted)];
  return first === second ? undefined : `${first.slice(0, 500)} instead of ${second.slice(0, 500)}`;
}

/** Sends a request, and leaves its answer to be read. */
function open({ port }: TestTarget, { method, path, headers, body }: ExactRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, method, path, agent: false, headers: Object.fromEntries(headers) };
    httpRequest(options, resolve).on("error", reject).end(body);
  });
}
