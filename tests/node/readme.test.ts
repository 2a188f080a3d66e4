import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { newLocalSecret } from "../../local/deploy/secrets.ts";
import { firstStep } from "../../local/dev/dev-server.ts";
import { SECRET_WRITTEN } from "../../local/dev/written-secret.ts";
import { aboutOf, startupLines } from "../../shared/pages/startup-lines.ts";
import { readSettings } from "../../shared/settings.ts";
import { version } from "../../shared/version.ts";
import { trackedFiles } from "../support/named-commands.ts";

const readme = readFileSync("README.md", "utf8");
const commands = [...readme.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = ""]) => block.trim().split("\n"));
const documents = trackedFiles.filter((file) => file.endsWith(".md"));

/** Each command of the README, and the test that executes it. */
const EXECUTED_BY: Record<string, string> = {
  "npm ci && npm run dev": "tests/shipped/dev-playground.slow.test.ts, after the npm ci of .ci/run",
  "npm ci && npm test": ".ci/run",
  "WEBHOOK_SECRET=abc npm run dev": "tests/shipped/readme.test.ts, with another port",
  "PORT=9000 WEBHOOK_SECRET=abc npm run dev:node": "tests/shipped/dev.test.ts, with another port",
  "npx replyhook check http://localhost:8081 --secret S --stream http://localhost:8081/stream":
    "tests/http/check.slow.test.ts, with other ports",
  "npm run deploy:worker": "tests/shipped/deploy-worker.slow.test.ts, against a stand-in for Cloudflare",
  "npm run deploy:worker -- --dry-run": "tests/shipped/deploy-worker.slow.test.ts",
  "npm run deploy:netlify": "tests/netlify-cli/deploy.slow.test.ts, against a stand-in for Netlify",
};

test("every command of the README is executed by a test", () => {
  expect(commands.filter((command) => !(command in EXECUTED_BY))).toEqual([]);
  expect(Object.keys(EXECUTED_BY).filter((command) => !commands.includes(command))).toEqual([]);
});

test("the README shows what npm run dev prints", () => {
  const [webhook, playground] = ["http://localhost:8081", "http://localhost:8082"];
  const about = aboutOf(readSettings({ WEBHOOK_SECRET: newLocalSecret(), BACKEND_URL: playground }));
  const printed = [SECRET_WRITTEN, ...startupLines(webhook, about), firstStep(playground)];
  expect(readme).toContain(`\n\`\`\`\n${printed.join("\n")}\n\`\`\`\n`);
});

test("the test command of CI is in the README", () => {
  expect(commands).toContain(readFileSync(".ci/readme-test-command", "utf8").trim());
});

test.each(documents)("%s links only to files and headings that exist", (file) => {
  for (const [, path = "", heading] of readFileSync(file, "utf8").matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)) {
    const target = path === "" ? file : join(dirname(file), path);
    expect(existsSync(target), `${file} links to ${target}`).toBe(true);
    if (heading) expect(headingsOf(target), `${file} links to ${target}`).toContain(heading);
  }
});

/** The names that GitHub gives to the headings of a document. */
function headingsOf(file: string): string[] {
  const headings = [...readFileSync(file, "utf8").matchAll(/^#+ (.*)$/gm)];
  return headings.map(([, text = ""]) =>
    text
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

test("the version is that of package.json", () => {
  expect(version).toBe(JSON.parse(readFileSync("package.json", "utf8")).version);
});
