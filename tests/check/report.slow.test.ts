import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { type Behaviour, SECRET, startWebhook } from "./broken/base.ts";
import { defects } from "./broken/defects.ts";
import { startFirstDraft } from "./broken/first-draft.ts";
import { cli, type Ended } from "./cli.ts";

const folder = mkdtempSync(join(tmpdir(), "replyhook-"));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string) => join(folder, name);

function changesOf(...mistakes: string[]): Partial<Behaviour> {
  const changes = (one: string) => defects.find(({ mistake }) => mistake === one)?.changes ?? expect.unreachable(one);
  return Object.assign({}, ...mistakes.map(changes));
}

async function check(webhook: { url: URL; secret: string }, ...args: string[]): Promise<Ended & { lines: string[] }> {
  const ended = await cli(["check", webhook.url.href, "--secret", webhook.secret, ...args]);
  return { ...ended, lines: ended.out.trimEnd().split("\n") };
}

/** The lines of the two parts, joined again where they were wrapped, without the part that is printed before them. */
function thingsToFix(out: string, part: string): string[] {
  const [, text = ""] = out.split(`${part}\n`);
  return (text.split("\n\n")[0] ?? "").replaceAll("\n    ", " ").split("\n").filter(Boolean);
}

const MAIN_APP = "Breaks with the main app today";
const STRANGER = "A hostile stranger could";

describe("the report for people", () => {
  test("about the webhook that people write first fits 60 lines of 120 characters, and names each check once", async () => {
    await using webhook = await startFirstDraft([]);
    const { lines, out } = await check(webhook);
    expect(lines.length).toBeLessThanOrEqual(60);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);

    const { out: json } = await check(webhook, "--json");
    const results = JSON.parse(json).checks as { id: string; outcome: string }[];
    const notKept = results.filter(({ outcome }) => outcome === "fail" || outcome === "warn").map(({ id }) => id);
    const named = [...thingsToFix(out, MAIN_APP), ...thingsToFix(out, STRANGER)].flatMap(idsIn);
    expect(named.sort()).toEqual(notKept.sort());
  });

  test("puts the same cause on one line, failures before warnings", async () => {
    await using webhook = await startFirstDraft([]);
    const { out } = await check(webhook, "--only", "S,T");
    const main = thingsToFix(out, MAIN_APP);
    expect(main[0]).toMatch(/^ {2}✗ T01–T03 T06 T07 {2}The main app signs JSON with/);
    expect(main.map((line) => line.trim()[0])).toEqual(["✗", "✗", "!", "!"]);
    expect(thingsToFix(out, STRANGER)).toContainEqual(
      expect.stringMatching(/^ {2}✗ S07 S08 {2}repeat a captured message at any time\. Answer 401 if/),
    );
  });

  test("says once that the stream URL does not stream", async () => {
    await using webhook = await startWebhook(changesOf("answers JSON on the stream URL"));
    const { out } = await check(webhook, "--stream", webhook.stream.href, "--only", "E");
    expect(thingsToFix(out, MAIN_APP)).toEqual([
      expect.stringMatching(
        /^ {2}✗ E01–E08 E11–E15 E17 {2}Answer the stream URL with 200 and Content-Type: text\/event-stream/,
      ),
    ]);
  });

  test("says once that no signature is verified", async () => {
    await using webhook = await startWebhook({ verify: () => undefined });
    const { out } = await check(webhook, "--only", "S");
    expect(thingsToFix(out, STRANGER)).toEqual([expect.stringMatching(/^ {2}✗ S01–S08 .* {2}sign messages with any secret\./)]);
  });

  test("says once that no message is answered", async () => {
    await using webhook = await startWebhook({ reply: () => Promise.reject(new Error("no")) });
    const { out } = await check(webhook, "--only", "C,T,L");
    expect(thingsToFix(out, MAIN_APP)).toEqual([expect.stringMatching(/^ {2}✗ C01–C\d\d .*Answer a POST with 200/)]);
  });

  test("shows what came and the commands for the first failure only", async () => {
    await using webhook = await startFirstDraft([]);
    const { out } = await check(webhook, "--only", "S01,T01");
    expect(out).toContain("\nT01 accepts é as the main app signs it\n  sent      é, with");
    expect(out).toContain("\n  came      401, no Content-Type: (empty body)\n");
    expect(out.match(/curl/g)).toHaveLength(1);
  });

  test("does not say that anything breaks if checks only warn", async () => {
    await using webhook = await startWebhook({ reply: () => "" });
    const { out } = await check(webhook, "--only", "C14");
    expect(thingsToFix(out, "Works with the main app, and should do better")).toEqual([
      "  ! C14  Reply with some text: an empty message is stored, and the user sees nothing.",
    ]);
    expect(out).not.toContain(MAIN_APP);
    expect(out).not.toContain("curl");
  });

  test("is short if all is well", async () => {
    await using webhook = await startWebhook();
    const { out } = await check(webhook, "--only", "C,T");
    expect(out).toMatch(
      /^replyhook check .*\nsigned · an echo · no --stream\n\ncontract {3}\d+ passed\ntext {7}\d+ passed\n\nPASS .*\n$/,
    );
  });
});

/** The ids at the start of a line, with those inside a range. */
function idsIn(line: string): string[] {
  const [names = ""] = line.trim().slice(2).split("  ");
  return names.split(" ").flatMap((name) => {
    const [first = "", last = first] = name.split("–");
    const from = Number(first.slice(1));
    return Array.from({ length: Number(last.slice(1)) - from + 1 }, (_, i) => first[0] + String(from + i).padStart(2, "0"));
  });
}

describe("--baseline", () => {
  const FAILS_OPEN = "fails open without headers";
  const NEVER_OLD = "accepts any age";

  async function writeBaseline(...args: string[]): Promise<string> {
    await using webhook = await startWebhook(changesOf(FAILS_OPEN));
    const { out } = await check(webhook, "--only", "S", "--json", ...args);
    writeFileSync(inFolder("baseline.json"), out);
    return inFolder("baseline.json");
  }

  test("what failed in the earlier report does not fail the run", async () => {
    const file = await writeBaseline();
    await using webhook = await startWebhook(changesOf(FAILS_OPEN));
    const { code, out } = await check(webhook, "--only", "S", "--baseline", file, "--junit", inFolder("known.xml"));
    expect(code).toBe(0);
    expect(out).toMatch(/^PASS \d+ passed, 1 known to fail in/m);
    expect(out).toContain("  known S01  send unsigned messages.");
    expect(readFileSync(inFolder("known.xml"), "utf8")).toMatch(/failures="0".*<skipped message="known to fail: 200, /s);
  });

  test("a report with known failures is a baseline too", async () => {
    const file = await writeBaseline("--baseline", await writeBaseline());
    await using webhook = await startWebhook(changesOf(FAILS_OPEN));
    expect((await check(webhook, "--only", "S", "--baseline", file)).code).toBe(0);
  });

  test("a new failure fails the run", async () => {
    const file = await writeBaseline();
    await using webhook = await startWebhook(changesOf(FAILS_OPEN, NEVER_OLD));
    const { code, out } = await check(webhook, "--only", "S", "--baseline", file);
    expect(code).toBe(1);
    expect(out).toMatch(/^FAIL \d+ passed, \d failed, 1 known to fail in/m);
  });

  test("names what does not fail any more", async () => {
    const file = await writeBaseline();
    await using webhook = await startWebhook();
    const { code, out } = await check(webhook, "--only", "S", "--baseline", file);
    expect([code, out]).toEqual([0, expect.stringContaining("\nNot failing any more: S01. Write the baseline again.\n")]);
    const { out: json } = await check(webhook, "--only", "S", "--baseline", file, "--json");
    expect(JSON.parse(json)).toMatchObject({ exit_code: 0, fixed: ["S01"], summary: { known: 0 } });
  });

  test.each([
    ["no file", undefined, "cannot be read: ENOENT."],
    ["no JSON", "S01\n", "is not JSON in UTF-8: "],
    ["another JSON", '{"checks":["S01"]}', "is not a report: --baseline takes the output of an earlier --json run."],
  ])("%s is reported in one sentence, before anything is sent", async (_, text, words) => {
    const file = inFolder("wrong.json");
    if (text === undefined) rmSync(file, { force: true });
    else writeFileSync(file, text);
    const { code, out, err } = await check({ url: new URL("http://127.0.0.1:1/"), secret: SECRET }, "--baseline", file);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain(words);
    expect(err).not.toContain("At most");
  });
});
