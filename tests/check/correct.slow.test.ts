import { describe, expect, test } from "vitest";
import type { Need } from "../../local/check/check.ts";
import { allChecks } from "../../local/check/checks/all.ts";
import { type Behaviour, compressedStream, startWebhook } from "./broken/base.ts";
import { run, verdicts } from "./run.ts";

/** To store replies, a webhook needs the main app's Partner API. There is none in these tests. */
const NEEDS_STORAGE = "E12";

const checksThatNeed = (need: Need) => allChecks.filter(({ needs }) => needs?.includes(need)).map(({ id }) => id);

function notPassed(results: Record<string, string>, outcomes = ["fail", "warn"]): string[] {
  return Object.keys(results).filter((id) => outcomes.includes(results[id] as string) && id !== NEEDS_STORAGE);
}

describe("a webhook that keeps the contract", () => {
  test("passes every check, and none is skipped", async () => {
    await using webhook = await startWebhook();
    const report = await run(webhook);
    expect(notPassed(verdicts(report), ["fail", "warn", "skip"])).toEqual([]);
    expect(report.requests.sent).toBeLessThanOrEqual(report.requests.atMost);
    expect(report.ms).toBeLessThan(20_000);
  });

  test("passes without a secret, with the signed checks skipped", async () => {
    await using webhook = await startWebhook({ secret: "" });
    const results = verdicts(await run(webhook, { unsigned: true }));
    expect(notPassed(results)).toEqual([]);
    expect(notPassed(results, ["skip"])).toEqual(checksThatNeed("secret"));
  });

  const notEchoes: Record<string, Behaviour["reply"]> = {
    "always says the same": () => "I am not an echo.",
    "says something else each time": () => `The number is ${Math.random()}.`,
  };
  test.each(Object.keys(notEchoes))("does not fail because it is not an echo: one that %s", async (name) => {
    await using webhook = await startWebhook({ reply: notEchoes[name] as Behaviour["reply"] });
    const results = verdicts(await run(webhook));
    expect(notPassed(results, ["fail"])).toEqual([]);
    expect(notPassed(results, ["skip"])).toEqual(["C13", "C17", "S29", "S30", "E04", "E07", "E15"]);
  });

  test("does not fail because its reply is cut short", async () => {
    await using webhook = await startWebhook({ reply: ({ message }) => message.content.slice(0, 500) });
    const results = verdicts(await run(webhook, { only: "T,H,E" }));
    expect(notPassed(results)).toEqual([]);
    expect(results.E07).toBe("skip");
  });

  test("may compress as Accept-Encoding allows", async () => {
    const { gzipSync } = await import("node:zlib");
    await using webhook = await startWebhook({
      json(answer, reply, request) {
        const body = JSON.stringify({ reply: reply.replaceAll("\0", "").toWellFormed() });
        answer.setHeader("content-type", "application/json");
        if (request.headers["accept-encoding"]?.includes("gzip"))
          answer.setHeader("content-encoding", "gzip").end(gzipSync(body));
        else answer.end(body);
      },
    });
    expect(notPassed(verdicts(await run(webhook, { only: "C,T" })))).toEqual([]);
  });

  test("may compress its stream, if it flushes each event", async () => {
    await using webhook = await startWebhook(compressedStream);
    expect(notPassed(verdicts(await run(webhook, { only: "E" })))).toEqual([]);
  });

  test("may close every connection", async () => {
    await using webhook = await startWebhook({
      json(answer, reply) {
        answer.writeHead(200, { connection: "close" }).end(JSON.stringify({ reply }));
      },
    });
    expect(notPassed(verdicts(await run(webhook, { only: "C01,H08,L" })))).toEqual([]);
  });
});

test("a rate limit is named", async () => {
  let count = 0;
  await using webhook = await startWebhook({
    contentTypeOk() {
      return ++count <= 3;
    },
    refuse(answer) {
      answer.writeHead(429, { "retry-after": "60" }).end();
    },
  });
  const { results } = await run(webhook, { only: "C01,C02,C03" });
  expect(results.map(({ outcome }) => outcome)).toEqual(["pass", "pass", "fail"]);
  expect(results[2]?.problem?.fix).toMatch(/^The webhook limits its rate: /);
});

test("once the webhook stops answering, no other check runs, and the run does not pass", async () => {
  await using webhook = await startWebhook({
    brokenOff(server) {
      server.closeAllConnections();
      server.close();
    },
  });
  const report = await run(webhook, { only: "H11,H12,L" });
  expect(report.incomplete).toBe("the webhook stopped answering after H11");
  expect(verdicts(report)).toMatchObject({ H11: "fail", H12: "skip", L01: "skip" });
});
