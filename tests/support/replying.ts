import { type AppOptions, createApp } from "../../shared/app.ts";
import { executionContext } from "../../shared/execution-context.ts";
import type { LogRecord } from "../../shared/log.ts";
import type { Reply } from "../../shared/reply-types.ts";
import { TestClock } from "../../shared/test-clock.ts";
import { payload } from "./payload.ts";

export const FALLBACK = "Something went wrong here.";

/** A webhook in this process with the given reply logic and a fake clock. */
export function webhook(reply: Reply, env: Record<string, string> = {}, more: Pick<AppOptions, "stopping" | "allow"> = {}) {
  const clock = new TestClock();
  const log: LogRecord[] = [];
  const background: Promise<unknown>[] = [];
  const context = executionContext((work) => background.push(work));
  const app = createApp({
    env: { FALLBACK_REPLY: FALLBACK, ...env },
    reply,
    clock,
    log: (record) => log.push(record),
    ...more,
  });
  const ask = (path: "/" | "/stream", signal?: AbortSignal) => {
    const init = { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(payload("hi")) };
    return Promise.resolve(app.fetch(new Request(`http://localhost${path}`, signal ? { ...init, signal } : init), {}, context));
  };
  return { clock, log, background, ask };
}

/** Reads a body, and notes the clock's second at which each piece came. */
export function watch(response: Response, clock: TestClock) {
  const startedAt = clock.uptime();
  const pieces: { at: number; text: string }[] = [];
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const ended = (async () => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return pieces.map(({ text }) => text).join("");
      if (value.length > 0) pieces.push({ at: (clock.uptime() - startedAt) / 1000, text: new TextDecoder().decode(value) });
    }
  })();
  return { pieces, ended, hangUp: () => reader.cancel() };
}

export const wait = (clock: TestClock, ms: number) => new Promise<void>((resolve) => clock.after(ms, resolve));

/** Waits for `count` turns of the event loop. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setTimeout(resolve, 0));
}
