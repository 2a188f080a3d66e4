import { describe, expect, test } from "vitest";
import { allChecks, selectChecks } from "../../local/check/checks/all.ts";
import { jsonReport } from "../../local/check/reports/json.ts";
import { junitReport } from "../../local/check/reports/junit.ts";
import { exitCodeOf } from "../../local/check/reports/summary.ts";
import { verboseReport } from "../../local/check/reports/verbose.ts";
import { type Report, runChecks } from "../../local/check/runner.ts";
import { startWebhook } from "./broken/base.ts";
import { cli } from "./cli.ts";
import { type EvilWebhook, startEvil, whole } from "./evil/server.ts";
import { slowAnswers } from "./evil/slow.ts";

const LONGEST_MS = 1000;
/** Extra time for a busy computer. */
const SPARE_MS = 1500;

async function runFor(ms: number, { url, stream }: EvilWebhook, only: string): Promise<Report> {
  const checks = selectChecks(only);
  if ("unknown" in checks) expect.unreachable(checks.unknown);
  const report = await runChecks(checks, { url, stream, timeoutMs: 60_000 }, () => {}, { longestMs: ms });
  return "results" in report ? report : expect.unreachable(report.message);
}

describe("a run ends at its deadline, and reports the checks that did not run", () => {
  // L02 sends 200 messages in one check. H09 and E10 send a second message after each request.
  test.concurrent.each(slowAnswers.flatMap((slow) => ["C", "H09,E", "L02", "L05,L02"].map((only) => ({ ...slow, only }))))(
    "$only against a webhook that $trick",
    async ({ answer, only }) => {
      await using evil = await startEvil(answer);
      const report = await runFor(LONGEST_MS, evil, only);
      expect(report.ms).toBeLessThan(LONGEST_MS + SPARE_MS);
      expect(report.incomplete).toBe("the run took longer than 1 s; check a few groups at a time with --only");
      expect(exitCodeOf(report)).toBe(1);
      const reasons = report.results.map(({ reason }) => reason);
      expect(reasons).toContainEqual(expect.stringMatching(/^not (?:finished|run): the /));
      expect(verboseReport(report, (_, text) => text)).toContain("Incomplete: the run took longer than 1 s");
      expect(jsonReport(report).checks).toHaveLength(report.results.length);
      expect(junitReport(report)).toMatch(/<skipped message="not (?:finished|run): the .*\n<\/testsuites>\n$/s);
    },
  );

  test("a run before its deadline is complete", async () => {
    await using evil = await startEvil((socket) => socket.write(whole('{"reply":"hi"}')));
    expect((await runFor(60_000, evil, "C01")).incomplete).toBeUndefined();
  });
});

describe("a check that throws fails, and the other checks run", () => {
  test("an exception inside a check", async () => {
    await using evil = await startEvil((socket) => socket.write(whole('{"reply":"hi"}')));
    const breaks = () => Promise.reject(new TypeError("Cannot convert object to primitive value"));
    const [first, second] = allChecks as [(typeof allChecks)[number], (typeof allChecks)[number]];
    const checks = [{ ...first, level: "SHOULD" as const, run: breaks }, second];
    const report = (await runChecks(checks, { url: evil.url, timeoutMs: 5000 }, () => {})) as Report;
    expect(report.results.map(({ outcome }) => outcome)).toEqual(["fail", "pass"]);
    expect(report.results[0]?.problem?.came).toBe(
      "an answer that made the check itself fail: Cannot convert object to primitive value",
    );
    expect(exitCodeOf(report)).toBe(1);
  });

  test.each([
    ["an object that is not a primitive value", '{"text":{"toString":1,"valueOf":1}}'],
    ["a list deeper than any stack", `{"text":${"[".repeat(200_000)}${"]".repeat(200_000)}}`],
  ])("a delta whose text is %s", async (_, data) => {
    await using webhook = await startWebhook({
      secret: "",
      async stream(answer) {
        answer.writeHead(200, this.streamHeaders).end(`event: delta\ndata: ${data}\n\nevent: done\ndata: {}\n\n`);
      },
    });
    const { code, out } = await cli(["check", webhook.url.href, "--stream", webhook.stream.href, "--only", "E", "--json"]);
    expect(code).toBe(1);
    const outcomes = JSON.parse(out).checks.map(({ id, outcome }: { id: string; outcome: string }) => [id, outcome]);
    expect(Object.fromEntries(outcomes)).toMatchObject({ E04: "fail", E05: "fail", E07: "fail", E14: "pass" });
  });
});

test("a report is printed even if its file cannot be written, and the reason is one sentence", async () => {
  await using evil = await startEvil((socket) => socket.write(whole('{"reply":"hi"}')));
  const { code, out, err } = await cli(["check", evil.url.href, "--only", "C01", "--junit", "/no/such/folder/report.xml"]);
  expect(out).toContain("PASS 1 passed");
  expect(err).toContain("/no/such/folder/report.xml cannot be written: ENOENT.");
  expect(code).toBe(2);
});

test("an incomplete comparison does not pass", async () => {
  // Both webhooks are gone after H01, so they do not differ.
  await using here = await startGone();
  await using there = await startGone();
  const args = ["check", here.url.href, "--compare", there.url.href, "--only", "H01,H12"];
  const { code, out } = await cli(args);
  expect(out).toContain("No difference in 2 checks.\nIncomplete at");
  expect(code).toBe(1);
});

/** A webhook that accepts the first message, and stops listening after the second. */
async function startGone(): Promise<EvilWebhook> {
  const evil = await startEvil((socket, { before }) => {
    if (before > 0) evil.stop();
    socket.end(whole('{"reply":"hi"}', "application/json", before > 0 ? "400 Bad Request" : "200 OK"));
  });
  return evil;
}
