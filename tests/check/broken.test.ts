import { describe, expect, test } from "vitest";
import { allChecks } from "../../local/check/checks/all.ts";
import { startWebhook } from "./broken/base.ts";
import { defects } from "./broken/defects.ts";
import { run, verdicts } from "./run.ts";

describe("each broken webhook is caught by its check", () => {
  test.concurrent.each(defects)("$caughtBy catches a webhook that $mistake", async ({ caughtBy, changes, after }) => {
    await using webhook = await startWebhook(changes);
    const report = await run(webhook, { only: [after, caughtBy].filter(Boolean).join() });
    expect(report.requests.sent).toBeLessThanOrEqual(report.requests.atMost);
    expect(verdicts(report)).toMatchObject({ [caughtBy]: expect.stringMatching(/^(?:fail|warn)$/) });
  });

  test("each check has a webhook that it catches", () => {
    const caught = new Set(defects.map(({ caughtBy }) => caughtBy));
    expect(allChecks.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual([]);
  });
});
