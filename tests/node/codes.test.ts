import { readFileSync } from "node:fs";
import { STATUS_CODES } from "node:http";
import { expect, test } from "vitest";
import type { EndCode } from "../../shared/answer/answer.ts";
import { type LogRecord, troubleCodes } from "../../shared/log.ts";
import { Problem, type ProblemCode, problemCodes } from "../../shared/problem.ts";

/** The type makes these two complete. */
const OTHER_ENDS: Record<Exclude<EndCode, ProblemCode>, true> = { client_gone: true, deferred: true };
const LOG_FIELDS: Record<keyof LogRecord | "time", true> = {
  time: true,
  level: true,
  event: true,
  message: true,
  request_id: true,
  method: true,
  route: true,
  status: true,
  code: true,
  sender_form: true,
  app_id: true,
  thread_id: true,
  message_id: true,
  signed_with: true,
  is_copy: true,
  stored_seq: true,
  ms: true,
};

/** The words in backquotes in the tables below a heading of a document; with `firstColumn`, only those in it. */
function wordsIn(file: string, heading: string, firstColumn = false): string[] {
  const [, below = ""] = readFileSync(file, "utf8").split(`\n${heading}\n`);
  const [section = ""] = below.split(/\n#{1,3} /);
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  const cells = firstColumn ? rows.map((row) => row.split(" | ")[0] ?? "") : rows;
  return cells.flatMap((cell) => [...cell.matchAll(/`([a-z0-9_]+)`/g)].map(([, word = ""]) => word)).sort();
}

/** Other words in backquotes in the contract's table. */
const FIELDS = ["request_id", "errors", "detail", "pointer"];

test("docs/contract.md lists exactly the errors that exist", () => {
  const codes = wordsIn("docs/contract.md", "## Errors").filter((word) => !FIELDS.includes(word));
  expect(codes).toEqual(problemCodes.toSorted());
});

test.each([
  ["docs/errors.md", "## Refusals and failed replies", problemCodes],
  ["docs/errors.md", "## Other ends of an answer", Object.keys(OTHER_ENDS)],
  ["docs/errors.md", "## Failures that do not stop a reply", troubleCodes],
  ["docs/production.md", "## What a line says", Object.keys(LOG_FIELDS)],
])("%s, %s: the table lists exactly what exists", (file, heading, expected) => {
  expect(wordsIn(file, heading, true)).toEqual(expected.toSorted());
});

test("docs/contract.md gives each error its status", () => {
  const contract = readFileSync("docs/contract.md", "utf8");
  for (const code of problemCodes) {
    const row = contract.split("\n").find((line) => /^\| \d{3}/.test(line) && line.includes(`\`${code}\``));
    expect(row, code).toMatch(new RegExp(`^\\| [\\d, ]*\\b${new Problem(code).status}\\b`));
  }
});

test.each(problemCodes)("%s has the phrase of its status as title, and a sentence that says what is wrong", async (code) => {
  // Node has the phrases of an older HTTP. RFC 9110 changed these two.
  const phrases: Record<number, string | undefined> = {
    ...STATUS_CODES,
    413: "Content Too Large",
    422: "Unprocessable Content",
  };
  const answer = new Problem(code).toResponse();
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const { title, status, detail } = (await answer.json()) as Record<string, string>;
  expect(title).toBe(phrases[Number(status)]);
  expect(detail).toMatch(/^[A-Z].{20,}[.?]$/);
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
