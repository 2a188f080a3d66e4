import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "replyhook-audit-"));
afterAll(() => rmSync(folder, { recursive: true }));

/** The registry's database cannot be asked for a vulnerability that does not exist: this npm prints an answer like its own. */
function auditOf(answer: object) {
  writeFileSync(join(folder, "npm"), `#!/bin/sh\necho '${JSON.stringify(answer)}'\nexit 1\n`);
  chmodSync(join(folder, "npm"), 0o755);
  const PATH = [folder, process.env.PATH].join(delimiter);
  return spawnSync(process.execPath, [".ci/audit.ts"], { env: { ...process.env, PATH }, encoding: "utf8" });
}

const found = (name: string, severity: string) => ({ vulnerabilities: { [name]: { name, severity } } });

test.each(["hono", "valibot", "eventsource-parser", "@hono/node-server"])(
  "CI fails if %s, which is deployed, has a serious vulnerability",
  (name) => {
    const { status, stderr } = auditOf(found(name, "high"));
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${name} has a known vulnerability (high)`)]);
  },
);

test.each([
  ["wrangler", "critical"],
  ["hono", "moderate"],
])("CI does not fail for %s, %s", (name, severity) => {
  expect(auditOf(found(name, severity)).status).toBe(0);
});

test("CI fails if nothing could be audited", () => {
  expect(auditOf({ message: "audit endpoint returned an error" }).status).toBe(1);
});
