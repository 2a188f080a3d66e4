import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { NETLIFY_CLI } from "../../local/dev/targets.ts";

test("netlify build --offline packages the function, without an account", { timeout: 300_000 }, () => {
  const printed = execFileSync("npx", ["--yes", NETLIFY_CLI, "build", "--offline"], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "pipe"],
  });
  expect(printed).toContain("webhook/index.mts");
  expect(printed).toContain("Netlify Build Complete");
});
