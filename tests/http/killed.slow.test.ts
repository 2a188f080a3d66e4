import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { TargetStarter } from "../contract/index.ts";
import { startCounter } from "../support/counter.ts";
import { payload } from "../support/payload.ts";
import { webhookProcess } from "../support/processes.ts";
import { signedRequest } from "../support/signing.ts";
import { type Answer, type ExactRequest, jsonOf, type TestTarget } from "../support/target.ts";
import { nodeServer, worker } from "./servers.ts";

const SECRET = "killed-secret";
const MESSAGES = 30;
/** So a claim of a holder that died lasts 13 s: this, 4 s to store the reply, and a margin of 5 s. */
const REPLY_TIMEOUT_MS = "4000";
const WHOLE = /^run \d+ x{300000}$/;

/** Whole replies of 300 kB, each with the number of its run. */
async function messages(): Promise<[id: string, request: ExactRequest][]> {
  const ids = Array.from({ length: MESSAGES }, (_, index) => `m${index}`);
  const timestamp = Math.floor(Date.now() / 1000);
  const requestOf = (id: string) => {
    const body = JSON.stringify(payload("", { message: { id, content: "script: long count" } }));
    return signedRequest(SECRET, timestamp, body);
  };
  return Promise.all(ids.map(async (id): Promise<[string, ExactRequest]> => [id, await requestOf(id)]));
}

/** The answer to a copy, as soon as it is more than "the reply logic ran out of time". */
async function answered(target: TestTarget, request: ExactRequest): Promise<Answer> {
  for (;;) {
    const answer = await target.send(request);
    if (answer.status !== 504) return answer;
  }
}

type Counter = Awaited<ReturnType<typeof startCounter>>;

/** `moment` resolves when the process is to be killed. `runMs` is how long a reply takes before that. */
function killedPromise(
  name: string,
  { start }: TargetStarter,
  runMs: number,
  moment: (counter: Counter, first: Promise<unknown>) => Promise<unknown>,
): void {
  test(`killed ${name} and started again: every message is answered whole`, { timeout: 180_000 }, async () => {
    using counter = await startCounter(runMs);
    const env = { WEBHOOK_SECRET: SECRET, COUNTER_URL: counter.url, REPLY_TIMEOUT_MS, CLOCK_SHIFT_MS: "0" };
    const sent = await messages();

    const before = await start(env);
    const answering = sent.map(([, request]) => before.target.send(request).catch(() => undefined));
    await moment(counter, Promise.race(answering));
    process.kill(webhookProcess(before.target.pid as number), "SIGKILL");
    const first = await Promise.all(answering);
    await before.stop();
    // Whoever got an answer got the whole one. The others saw their connection break, or a 5xx of the proxy.
    for (const answer of first) if (answer?.status === 200) expect(jsonOf(answer).reply).toMatch(WHOLE);

    counter.hurry();
    const { target, stop } = await start(env);
    try {
      const repliesOf = async () => {
        const answers = await Promise.all(sent.map(([, request]) => answered(target, request)));
        return answers.map((answer) => String(jsonOf(answer).reply));
      };
      const [replies, again] = [await repliesOf(), await repliesOf()];
      for (const reply of [...replies, ...again]) expect(reply).toMatch(WHOLE);
      const count = (reply: string) => Number(reply.split(" ")[1]);
      const kept = replies.filter((reply) => count(reply) === 1).length;
      const whole = first.filter((answer) => answer?.status === 200).length;
      const equal = replies.filter((reply, index) => reply === again[index]).length;
      console.log(
        `${name}: ${whole} of ${MESSAGES} answered before, then ${kept} copies got run 1, and ${equal} got the same answer twice; ` +
          `at most ${Math.max(...sent.map(([id]) => counter.runsOf(id)))} runs`,
      );
      // An answer is one that the reply has given. A busy store may be left out, so there can be more than two runs.
      for (const [index, [id]] of sent.entries()) {
        expect(count(replies[index] as string)).toBeLessThanOrEqual(counter.runsOf(id));
      }
    } finally {
      await stop();
    }
  });
}

describe.each(["the Node server", "workerd"])("%s", (name) => {
  const folder = mkdtempSync(join(tmpdir(), "replyhook-killed-"));
  const server = name === "workerd" ? worker(name, "wrangler.toml", folder) : nodeServer;

  killedPromise("in the middle of replies", server, 3000, (counter) => counter.reached(MESSAGES));
  killedPromise("when the first answer is being kept", server, 0, (_, first) => first);
  killedPromise("while some answers are kept and some replies run", server, 0, (counter) => counter.reached(MESSAGES / 2));

  test("leaves no folder", () => rmSync(folder, { recursive: true }));
});
