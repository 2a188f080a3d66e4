import { expect, test } from "vitest";
import type { TargetStarter } from "../contract/index.ts";
import { startCounter } from "../support/counter.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { payload } from "../support/payload.ts";
import { signedRequest } from "../support/signing.ts";
import { type Answer, jsonOf } from "../support/target.ts";

const SECRET = "copies-secret";
const COPIES = 1000;
/** The first run is not over before the last copy has come. */
const RUN_MS = 3000;

/** The text of an answer, whatever its form. */
function replyOf(answer: Answer): string {
  const isStream = answer.headers.get("content-type")?.startsWith("text/event-stream");
  return isStream ? readAsDashboard(answer.pieces).text : String(jsonOf(answer).reply);
}

/** Sends 1,000 copies of one signed request at once, on both routes. */
export function copiesPromise(server: TargetStarter, { runsOnce, ...env }: { runsOnce: boolean; RUN_ONCE?: string }): void {
  const promise = runsOnce ? "run the reply once, and get the same answer" : "are all answered without a store";
  test(`1,000 copies of a signed request at once ${promise}, on ${server.name}`, { timeout: 120_000 }, async () => {
    using counter = await startCounter(RUN_MS);
    const { target, stop } = await server.start({
      WEBHOOK_SECRET: SECRET,
      COUNTER_URL: counter.url,
      CLOCK_SHIFT_MS: "0",
      ...env,
    });
    try {
      const timestamp = Math.floor(Date.now() / 1000);
      const body = JSON.stringify(payload("script: count"));
      const requests = [
        await signedRequest(SECRET, timestamp, body),
        await signedRequest(SECRET, timestamp, body, { path: "/stream" }),
      ];
      const startedAt = performance.now();
      const sent = Array.from({ length: COPIES }, (_, copy) => target.send(requests[copy % 2] as (typeof requests)[0]));
      const answers = await Promise.all(sent);
      const ms = Math.round(performance.now() - startedAt);
      const texts = answers.map(replyOf);
      console.log(
        `${server.name}: ${COPIES} copies, ${counter.total} runs, ${new Set(texts).size} different answers, ${ms} ms`,
      );
      expect(answers.map(({ status }) => status)).toEqual(Array(COPIES).fill(200));
      if (runsOnce) expect([counter.total, new Set(texts)]).toEqual([1, new Set(["run 1"])]);
      else expect(texts.filter((text) => !/^run \d+$/.test(text))).toEqual([]);
    } finally {
      await stop();
    }
  });
}
