import { expect, test } from "vitest";
import { argumentsNamed, asWritten } from "../../local/deploy/platform.ts";

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
