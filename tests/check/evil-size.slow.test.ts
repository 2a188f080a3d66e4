import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { cli } from "./cli.ts";
import { largeAnswers } from "./evil/large.ts";
import { largestEcho } from "./evil/largest.ts";
import { startEvil } from "./evil/server.ts";

const MAX_MEMORY_KB = 600_000;
const memory = fileURLToPath(new URL("memory.mjs", import.meta.url));
/** One check for each way of reading an answer: alone, as a stream, repeatedly, and fifty at once. */
const ONLY = "C01,C02,E03,E05,H12,H16,L01";

/** Only these are read differently by `send`. */
const LARGE_WHEN_SHOWN = /gzip$|one byte|endless body|objects|events/;

/** The peak memory of a command, in kB. */
function peak(err: string): number {
  return Number(/^took at most (\d+) kB$/m.exec(err)?.[1]);
}

describe("a huge answer fails the check in words, and does not fill the memory", () => {
  test.each(largeAnswers)("check: $trick", async ({ answer, says }) => {
    await using evil = await startEvil(answer);
    const args = ["check", evil.url.href, "--stream", evil.stream.href, "--only", ONLY, "--json"];
    const { code, out, err } = await cli(args, { env: { NODE_OPTIONS: `--import=${memory}` } });
    const report = JSON.parse(out);
    expect(report.checks.map(({ came }: { came?: string }) => came)).toContainEqual(expect.stringContaining(says));
    expect(report.incomplete).toBeNull();
    expect(code).toBe(1);
    expect(peak(err)).toBeLessThan(MAX_MEMORY_KB);
  });

  test.each(largeAnswers.filter(({ trick }) => LARGE_WHEN_SHOWN.test(trick)))("send: $trick", async ({ answer }) => {
    await using evil = await startEvil(answer);
    const { code, out, err } = await cli(["send", evil.stream.href, "hi"], { env: { NODE_OPTIONS: `--import=${memory}` } });
    expect(out).toMatch(/^(?:200|no answer) /);
    expect([0, 1]).toContain(code);
    expect(peak(err)).toBeLessThan(MAX_MEMORY_KB);
  });
});

test("answers as large as the limits allow are read, and do not fill the memory", async () => {
  await using evil = await startEvil(largestEcho);
  const args = ["check", evil.url.href, "--stream", evil.stream.href, "--only", "C01,C13,E,H02,H08,L01", "--json"];
  const { out, err } = await cli(args, { env: { NODE_OPTIONS: `--import=${memory}` } });
  const outcomes = JSON.parse(out).checks.map(({ id, outcome }: { id: string; outcome: string }) => [id, outcome]);
  expect(Object.fromEntries(outcomes)).toMatchObject({ C01: "pass", C13: "pass", E03: "pass", E05: "pass", L01: "pass" });
  expect(peak(err)).toBeLessThan(MAX_MEMORY_KB);
});
