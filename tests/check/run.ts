import { allChecks, selectChecks } from "../../local/check/checks/all.ts";
import { type Report, runChecks } from "../../local/check/runner.ts";
import type { RunningWebhook } from "./broken/base.ts";

interface WebhookToCheck extends Pick<RunningWebhook, "url" | "secret"> {
  readonly stream: URL | undefined;
}

interface How {
  readonly only?: string;
  /** Do not give the secret to the checker. */
  readonly unsigned?: boolean;
}

/** Checks a webhook in this process. Throws if the webhook does not accept the first message. */
export async function run({ url, stream, secret }: WebhookToCheck, { only, unsigned }: How = {}): Promise<Report> {
  const checks = only === undefined ? allChecks : selectChecks(only);
  if ("unknown" in checks) throw new Error(`no check ${checks.unknown}`);
  const checked = { url, stream, secret: unsigned ? undefined : secret, timeoutMs: 12_000 };
  const report = await runChecks(checks, checked, () => {});
  if ("exitCode" in report) throw new Error([report.message, ...report.hints].join(" "));
  return report;
}

/** The outcome of each check, by its id. */
export function verdicts({ results }: Report): Record<string, string> {
  return Object.fromEntries(results.map(({ check, outcome }) => [check.id, outcome]));
}
