import { createApp } from "../../shared/app.ts";
import { type Clock, systemClock } from "../../shared/clock.ts";
import { echo } from "../../shared/replies/echo.ts";
import type { TestEnv, TestTarget } from "./target.ts";

/** The app in the runtime of the test, with the clock of the recorded requests. */
export function inProcess(env: TestEnv, now: number, timers: Pick<Clock, "after"> = systemClock): TestTarget {
  const clock = { ...systemClock, ...timers, wallTime: () => now * 1000 };
  const app = createApp({ env, reply: echo, clock, log: () => {} });
  return {
    now: () => now,
    async send({ method, path, headers, body }) {
      const bodyless = method === "GET" || method === "HEAD";
      const init = { method, headers: new Headers(headers), ...(bodyless ? {} : { body }) };
      const response = await app.fetch(new Request(`http://localhost:8081${path}`, init));
      const pieces: Uint8Array[] = [];
      if (response.body) for await (const piece of response.body) pieces.push(piece);
      return { status: response.status, headers: response.headers, pieces };
    },
  };
}
