import { describe, expect, test } from "vitest";
import { hasCommands } from "../check/commands.ts";
import { run, verdicts } from "../check/run.ts";
import { frameworks, startFramework } from "./start.ts";

const SECRET = "whsec_of_a_correct_webhook";

describe("the checker finds no fault in a correct webhook", { timeout: 180_000 }, () => {
  for (const framework of frameworks) {
    test.runIf(hasCommands(...framework.needs))(`written with ${framework.name}`, async () => {
      await using webhook = await startFramework(framework, SECRET);
      const stream = framework.streams ? new URL("/stream", webhook.url) : undefined;
      const report = await run({ url: webhook.url, secret: SECRET, stream });
      const failed = report.results.filter(({ outcome }) => outcome === "fail");
      expect(failed.map(({ check, problem }) => `${check.id}: ${problem?.came}`)).toEqual([]);
      const warned = Object.entries(verdicts(report)).flatMap(([id, outcome]) => (outcome === "warn" ? [id] : []));
      console.log(
        `${framework.name}: ${report.results.length} checks in ${Math.round(report.ms)} ms, warned: ${warned.join(" ")}`,
      );
      expect(report.incomplete).toBeUndefined();
    });
  }
});
