import { expect, test } from "vitest";
import { argumentsNamed, asWritten } from "../../local/deploy/platform.ts";
import { isWebhookSecret, newLocalSecret, secretsOf } from "../../local/deploy/secrets.ts";

const OPTIONS = { env: { type: "string", short: "e" }, name: { type: "string" }, "env-file": { type: "string" } } as const;

test.each([
  [
    ["-e", "prod"],
    ["--env", "prod"],
  ],
  [["-e=prod"], ["--env", "prod"]],
  [["-eprod"], ["--env", "prod"]],
  [["--env=prod"], ["--env", "prod"]],
  [
    ["--envFile", "x.env"],
    ["--env-file", "x.env"],
  ],
  [
    ["--envFile=X.env", "--minify"],
    ["--env-file", "X.env"],
  ],
  [
    ["--name", "myWorker"],
    ["--name", "myWorker"],
  ],
])("the deployment that %j means is the one that is asked about", (args, asked) => {
  expect(argumentsNamed(OPTIONS, args)).toEqual(asked);
});

test("an option in camelCase is the same option, and values stay as they are", () => {
  expect(asWritten(["--dryRun", "--secretsFile=My.json", "--var", "A:--notThis"])).toEqual([
    "--dry-run",
    "--secrets-file=My.json",
    "--var",
    "A:--notThis",
  ]);
});

test("the secrets of an environment are sent up, but no empty one, no other setting, and none that npm run dev made", () => {
  const secrets = { WEBHOOK_SECRET: "a", WEBHOOK_SECRET_PREVIOUS: "b", WEBHOOK_SECRETS: '{"app":"c"}' };
  expect(secretsOf({ ...secrets, LLM_API_KEY: "d" })).toEqual(secrets);
  expect(secretsOf({ WEBHOOK_SECRET: newLocalSecret(), WEBHOOK_SECRET_PREVIOUS: "" })).toEqual({});
  // A previous secret alone would be removed some day, and leave the deployment without one.
  expect(Object.keys(secrets).filter(isWebhookSecret)).toEqual(["WEBHOOK_SECRET", "WEBHOOK_SECRETS"]);
});
