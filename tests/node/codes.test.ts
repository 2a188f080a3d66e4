import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { troubleCodes } from "../../shared/log.ts";
import { Problem, problemCodes } from "../../shared/problem.ts";

/** The codes in backquotes in the tables below a heading of a document. */
function codesIn(file: string, heading: string): string[] {
  const [, below = ""] = readFileSync(file, "utf8").split(`\n${heading}\n`);
  const [section = ""] = below.split(/\n#{1,3} /);
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  return rows.flatMap((row) => [...row.matchAll(/`([a-z0-9_]+)`/g)].map(([, code = ""]) => code)).sort();
}

/** Other words in backquotes there. */
const FIELDS = ["request_id", "errors", "detail", "pointer"];

test.each([
  ["README.md", "## Troubleshooting"],
  ["docs/contract.md", "## Errors"],
])("%s lists exactly the errors that exist", (file, heading) => {
  expect([...new Set(codesIn(file, heading))].filter((code) => !FIELDS.includes(code))).toEqual(problemCodes.toSorted());
});

test("docs/contract.md gives each error its status", () => {
  const contract = readFileSync("docs/contract.md", "utf8");
  for (const code of problemCodes) {
    const row = contract.split("\n").find((line) => /^\| \d{3}/.test(line) && line.includes(`\`${code}\``));
    expect(row, code).toMatch(new RegExp(`^\\| [\\d, ]*\\b${new Problem(code).status}\\b`));
  }
});

test("docs/security.md lists exactly the codes of failures that do not stop a reply", () => {
  expect(codesIn("docs/security.md", "## What is logged")).toEqual(troubleCodes.toSorted());
});

test("server.py has exactly the errors that it can give, with the core's statuses", () => {
  const server = readFileSync("examples/webhook-python/server.py", "utf8");
  const found = new Map(
    [...server.matchAll(/\b(\d{3}),\s+"([a-z0-9_]+)"/g)].map(([, status, code = ""]) => [code, Number(status)]),
  );
  // Python has no rate limiter, and its server reads only bodies of announced length.
  const expected = problemCodes.filter((code) => code !== "rate_limited" && code !== "body_too_fragmented");
  expect([...found.keys()].sort()).toEqual([...expected, "length_required"].sort());
  for (const code of expected) expect([code, found.get(code)]).toEqual([code, new Problem(code).status]);
});
