import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { PYTHON } from "../python/start.ts";
import { cases, type Recorded, userInfos } from "./httpx/cases.ts";

const run = promisify(execFile);
const path = (name: string) => new URL(`httpx/${name}`, import.meta.url).pathname;

// After a change of the cases: npm test -- tests/check/httpx.slow.test.ts -u
test("what was recorded is what httpx does", { timeout: 300_000 }, async ({ skip }) => {
  const folder = mkdtempSync(join(tmpdir(), "replyhook-httpx-"));
  try {
    const python = join(folder, "bin", "python");
    try {
      await run(PYTHON, ["-m", "venv", folder]);
      await run(python, ["-m", "pip", "install", "--quiet", "--requirement", path("requirements.txt")]);
    } catch (error) {
      skip(`httpx cannot be installed here: ${(error as Error).message}`);
    }
    const recording = run(python, ["-B", path("record.py")], { maxBuffer: 2 ** 26 });
    const asked = cases.map(({ name, method, parts }) => ({ name, method, parts: parts.map((part) => part.toString("hex")) }));
    recording.child.stdin?.end(JSON.stringify({ cases: asked, userInfos }));
    await expect(inLines(JSON.parse((await recording).stdout))).toMatchFileSnapshot("../vectors/httpx-answers.json");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

/** JSON with one line for each result. */
function inLines({ answers, authorizations }: Recorded): string {
  const lines = (of: object) => Object.entries(of).map(([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`);
  return `{"answers": {\n${lines(answers).join(",\n")}\n},\n"authorizations": {\n${lines(authorizations).join(",\n")}\n}}\n`;
}
