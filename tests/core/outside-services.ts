import { expect, test } from "vitest";
import { createApp } from "../../shared/app.ts";
import { systemClock } from "../../shared/clock.ts";
import { memoryStore } from "../../shared/once/memory.ts";
import type { Reply } from "../../shared/reply-types.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { payload } from "../support/payload.ts";
import { wait, webhook } from "../support/replying.ts";
import { signedRequest } from "../support/signing.ts";

export function outsideServicePromises(): void {
  test.each<[string, () => Promise<boolean>, RegExp]>([
    [
      "fails",
      async () => {
        throw new Error("the limiter is down");
      },
      /without the rate limiter: .*the limiter is down/,
    ],
    [
      "fails at once",
      () => {
        throw new Error("the limiter is down");
      },
      /without the rate limiter: .*the limiter is down/,
    ],
    ["never answers", () => new Promise(() => {}), /did not answer within 1000 ms/],
  ])("a rate limiter that %s loses no message: the message is answered, and the log says so", async (_, allow, why) => {
    const { ask, clock, log } = webhook(() => "answered", {}, { allow });
    expect(await (await clock.advanceUntil(ask("/"), 1000)).json()).toEqual({ reply: "answered" });
    const stream = await clock.advanceUntil(ask("/stream"), 1000);
    const text = await clock.advanceUntil(stream.text(), 1000);
    expect(readAsDashboard([new TextEncoder().encode(text)])).toEqual({ text: "answered", done: { status: "completed" } });
    expect(clock.pending).toBe(0);
    const skipped = { level: "warn", code: "rate_limit_skipped", message: expect.stringMatching(why) };
    expect(log.filter(({ event }) => event === "reply")).toMatchObject([skipped, skipped]);
  });

  test("a message over the rate is refused with Retry-After, on both routes, and the logic does not run", async () => {
    const asked: string[] = [];
    const { ask } = webhook(
      () => expect.fail("the logic ran"),
      {},
      {
        allow: async (appId) => {
          asked.push(appId);
          return false;
        },
      },
    );
    for (const path of ["/", "/stream"] as const) {
      const answer = await ask(path);
      expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "60"]);
      expect(await answer.json()).toMatchObject({ code: "rate_limited" });
    }
    expect(asked).toEqual(["test-app", "test-app"]);
  });

  test("a log that throws loses no message and changes no answer", async () => {
    const log = () => {
      throw new Error("the disk is full");
    };
    const reply: Reply = async ({ log }) => {
      log("a line");
      return "answered";
    };
    const app = createApp({ env: {}, log, reply });
    const init = { method: "POST", headers: { "content-type": "application/json" } };
    const ask = async (body: string) => app.fetch(new Request("http://localhost/", { ...init, body }));
    expect(await (await ask(JSON.stringify(payload("hi")))).json()).toEqual({ reply: "answered" });
    expect(await (await ask("{")).json()).toMatchObject({ code: "body_not_json" });
  });

  test("a platform that takes no background work loses no message, and its store is kept all the same", async () => {
    const once = memoryStore(systemClock);
    let runs = 0;
    const reply = async () => `run ${++runs}`;
    const app = createApp({ env: { WEBHOOK_SECRET: "s" }, log: () => {}, reply, once });
    const { headers, ...init } = await signedRequest("s", Math.floor(Date.now() / 1000), JSON.stringify(payload("hi")));
    const ask = async () => app.fetch(new Request("http://localhost/", { ...init, headers: new Headers(headers) }));
    expect(await (await ask()).json()).toEqual({ reply: "run 1" });
    expect(await (await ask()).json()).toEqual({ reply: "run 1" });
  });

  test.each([
    ["ahead by 30 s", 30_000],
    ["back by an hour", -3_600_000],
  ])("a wall clock that is set %s during a reply changes neither its budget nor its logged duration", async (_, ms) => {
    const left: number[] = [];
    const { ask, clock, log } = webhook(async ({ timeLeft, signal }) => {
      left.push(timeLeft());
      await wait(clock, 3000);
      clock.setAhead(ms);
      left.push(timeLeft());
      await wait(clock, 1000);
      return signal.aborted ? "cut off" : "whole";
    });
    expect(await (await clock.advanceUntil(ask("/"), 500)).json()).toEqual({ reply: "whole" });
    expect(left).toEqual([25_000, 22_000]);
    expect(log.filter(({ event }) => event === "request")).toMatchObject([{ status: 200, ms: 4000 }]);
  });
}
