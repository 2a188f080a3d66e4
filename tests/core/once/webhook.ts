import { createApp } from "../../../shared/app.ts";
import { executionContext } from "../../../shared/execution-context.ts";
import type { LogRecord } from "../../../shared/log.ts";
import { memoryStore } from "../../../shared/once/memory.ts";
import type { OnceStore } from "../../../shared/once/store.ts";
import type { Reply } from "../../../shared/reply-types.ts";
import { TestClock } from "../../../shared/test-clock.ts";
import { readAsDashboard } from "../../support/dashboard-reader.ts";
import { payload } from "../../support/payload.ts";
import { signedRequest } from "../../support/signing.ts";

const SECRET = "once-secret";

interface Options {
  env?: Record<string, string>;
  allow?: () => Promise<boolean>;
  store?: (clock: TestClock) => OnceStore | undefined;
}

/** A webhook in this process that counts the runs of its reply, and that is sent copies of one signed request. */
export function webhook(
  reply: Reply = ({ message }) => `re: ${message.content}`,
  { env = {}, allow, store = memoryStore }: Options = {},
) {
  const clock = new TestClock();
  const log: LogRecord[] = [];
  const background: Promise<unknown>[] = [];
  const signedAt = Math.floor(clock.wallTime() / 1000);
  const counts = { runs: 0 };
  const app = createApp({
    env: { WEBHOOK_SECRET: SECRET, ...env },
    reply: (context) => {
      counts.runs++;
      return reply(context);
    },
    clock,
    log: (record) => log.push(record),
    allow,
    once: store(clock),
  });
  const send = async (path: string, content = "hi", signal?: AbortSignal) => {
    const { headers, ...init } = await signedRequest(SECRET, signedAt, JSON.stringify(payload(content)));
    const request = { ...init, headers: new Headers(headers), ...(signal && { signal }) };
    const context = executionContext((work) => background.push(work));
    return app.fetch(new Request(`http://localhost${path}`, request), {}, context);
  };
  /** The status and the answer, while time passes. */
  const ask = async (path: string, content?: string, signal?: AbortSignal) => {
    const response = await clock.advanceUntil(send(path, content, signal), 500);
    const text = await clock.advanceUntil(response.text(), 500);
    const isStream = response.headers.get("content-type")?.startsWith("text/event-stream");
    return isStream ? readAsDashboard([new TextEncoder().encode(text)]).text : { status: response.status, ...JSON.parse(text) };
  };
  const settled = () => clock.advanceUntil(Promise.all(background), 500);
  return { clock, log, counts, ask, send, settled };
}

export const rejects = () => Promise.reject(new Error("the store is down"));
