import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { version } from "../../shared/version.ts";

const readme = readFileSync("README.md", "utf8");
const scripts: Record<string, string> = JSON.parse(readFileSync("package.json", "utf8")).scripts;
const commands = [...readme.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = ""]) => block.trim().split("\n"));

/** Each command of the README, and the test that executes it. */
const EXECUTED_BY: Record<string, string> = {
  "npm ci && npm run dev": "tests/http/dev.test.ts, after the npm ci of .ci/run",
  "npm ci && npm test": ".ci/run",
  "PORT=9000 WEBHOOK_SECRET=abc npm run dev:node": "tests/http/dev.test.ts, with another port",
  "npm run check -- http://localhost:8081 --secret S --stream http://localhost:8081/stream":
    "tests/http/check.test.ts, with other ports",
  "npm run deploy:worker": "tests/http/deploy-worker.test.ts, against a stand-in for Cloudflare",
  "npm run deploy:worker -- --dry-run": "tests/http/deploy-worker.test.ts",
  "npm run deploy:netlify": "tests/netlify-cli/deploy.test.ts, against a stand-in for Netlify",
};

test("every command of the README is executed by a test", () => {
  expect(commands.filter((command) => !(command in EXECUTED_BY))).toEqual([]);
  expect(Object.keys(EXECUTED_BY).filter((command) => !commands.includes(command))).toEqual([]);
});

test("every npm script that the README names exists", () => {
  const named = [...readme.matchAll(/npm run ([a-z:-]+)/g)].map(([, name = ""]) => name);
  expect(named.filter((name) => !scripts[name])).toEqual([]);
});

test("the test command of CI is in the README", () => {
  expect(commands).toContain(readFileSync(".ci/readme-test-command", "utf8").trim());
});

test("the files that the documents link to exist", () => {
  for (const file of [
    "README.md",
    "CONTRIBUTING.md",
    "docs/contract.md",
    "docs/security.md",
    "docs/replies.md",
    "docs/check.md",
    "docs/debugging.md",
  ]) {
    const folder = new URL(`../../${file}`, import.meta.url);
    for (const [, target = ""] of readFileSync(file, "utf8").matchAll(/\]\((?!https?:|#)([^)#]+)\)/g)) {
      expect(() => readFileSync(new URL(target, folder)), `${file} links to ${target}`).not.toThrow(/ENOENT/);
    }
  }
});

test("the version is that of package.json", () => {
  expect(version).toBe(JSON.parse(readFileSync("package.json", "utf8")).version);
});
