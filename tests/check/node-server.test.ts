import { expect, test } from "vitest";
import { run, verdicts } from "./run.ts";
import { startNodeServer } from "./server.ts";

test.each([
  ["signed", { WEBHOOK_SECRET: "whsec_of_the_node_server" }],
  ["unsigned", {}],
])("the project's own Node server, %s, passes every check", async (_, env) => {
  await using webhook = await startNodeServer(env);
  const report = await run(webhook, { unsigned: !webhook.secret });
  const notKept = report.results.filter(({ outcome, check }) => ["fail", "warn"].includes(outcome) && check.id !== "E12");
  expect(notKept.map(({ check, problem }) => `${check.id}: ${problem?.came}`)).toEqual([]);
  expect(report.ms).toBeLessThan(20_000);
  expect(verdicts(report).E12).toMatch(/^(?:pass|warn)$/);
});
