import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { allChecks } from "../../local/check/checks/all.ts";
import { freePort } from "../../local/dev/port.ts";
import { paintFor } from "../../local/terminal.ts";
import { SECRET, startWebhook } from "./broken/base.ts";
import { defects } from "./broken/defects.ts";
import { COMMAND, cli } from "./cli.ts";

const folder = mkdtempSync(join(tmpdir(), "replyhook-"));
afterAll(() => rmSync(folder, { recursive: true }));

const defect = (mistake: string) => defects.find((one) => one.mistake === mistake)?.changes ?? expect.unreachable(mistake);
const FAIL_OPEN = "fails open without headers";
const LEAKS_SECRET = "shows its secret";

describe("exit codes", () => {
  test("0 if every MUST is kept, even with warnings", async () => {
    await using webhook = await startWebhook();
    const { code, out } = await cli([
      "check",
      webhook.url.href,
      "--secret",
      SECRET,
      "--stream",
      webhook.stream.href,
      "--only",
      "C,E",
    ]);
    expect(out).toContain("! E12  Store the reply through the Partner API before done");
    expect(out).toMatch(/^PASS \d+ passed, 1 warned in/m);
    expect(code).toBe(0);
  });

  test("1 if a check failed, with the request, the expected and the actual answer, and a fix", async () => {
    await using webhook = await startWebhook(defect(FAIL_OPEN));
    const { code, out } = await cli(["check", webhook.url.href, "--only", "S", "--verbose"], {
      env: { WEBHOOK_SECRET: SECRET },
    });
    expect(code).toBe(1);
    expect(out).toContain("✗ S01 refuses a message without signature headers");
    expect(out).toContain("  sent      no signature headers");
    expect(out).toContain("  expected  401 (any 4xx refuses it)");
    expect(out).toContain('  came      200, application/json; charset=utf-8: {"reply":"You said: hello"}');
    expect(out).toContain("  fix       If a secret is set, answer 401 to every message");
    expect(out).toContain(`curl -i --compressed -X POST '${webhook.url.href}'`);
    expect(out).toMatch(/^FAIL \d+ passed, 1 failed in/m);
  });

  test.each([
    [["check"], "missing argument 'url'"],
    [["check", "localhost:8081"], "It must be a whole URL"],
    [["check", "http://localhost:1/", "--only", "X99"], "no check is called 'X99'"],
    [["check", "http://localhost:1/", "--timeout", "soon"], "whole number of milliseconds"],
    [["check", "http://localhost:1/", "--jsn"], "Did you mean --json?"],
    [["chek"], "Did you mean check?"],
  ])("2 for a wrong command line: %j", async (args, words) => {
    const { code, out, err } = await cli(args);
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(out).toBe("");
  });

  test("says once that every message gets a 500", async () => {
    await using webhook = await startWebhook({
      verify() {
        throw new Error("no");
      },
    });
    const { code, out } = await cli(["check", webhook.url.href, "--secret", SECRET, "--only", "C01,S"]);
    expect(code).toBe(1);
    expect(out.match(/^ {2}✗.*/gm)).toEqual([expect.stringMatching(/^ {2}✗ C01 S\d\d.* {2}Answer a POST with 200/)]);
  });

  test.each([
    [["--only", "C01", "--skip", "C01"], "--skip leaves no check"],
    [["--compare", "http://localhost:1/", "--verbose"], "cannot be used with option '--verbose'"],
  ])("2 for %j", async (args, words) => {
    const { code, err } = await cli(["check", "http://localhost:1/", ...args]);
    expect([code, err]).toEqual([2, expect.stringContaining(words)]);
  });

  test("a folder .env is no file of settings, and --help needs none", async () => {
    const cwd = mkdtempSync(join(folder, "env-"));
    mkdirSync(join(cwd, ".env"));
    expect((await cli(["check", "--list"], { cwd })).code).toBe(0);
    expect((await cli(["check", "http://127.0.0.1:1/"], { cwd })).code).toBe(4);
    rmSync(join(cwd, ".env"), { recursive: true });
    writeFileSync(join(cwd, ".env"), "WEBHOOK_SECRET=abc#def\n");
    expect((await cli(["--help"], { cwd })).code).toBe(0);
  });

  test("4 if it accepts a connection and says nothing", async () => {
    await using webhook = await startWebhook({ reply: () => new Promise(() => {}) });
    const { code, out, err } = await cli(["check", webhook.url.href, "--secret", SECRET, "--timeout", "300"]);
    expect([code, out]).toEqual([4, ""]);
    expect(err).toMatch(/ accepts connections, but does not answer: no byte of an answer after 3\d\d ms\.\n/);
    expect(err).toContain("give --timeout in milliseconds");
  });

  test("4 if nothing listens, also with --json", async () => {
    const { code, out } = await cli(["check", `http://127.0.0.1:${await freePort()}/`, "--json"]);
    expect(code).toBe(4);
    expect(JSON.parse(out)).toMatchObject({
      schema: "replyhook-check/1",
      exit_code: 4,
      error: { message: expect.stringContaining("refused") },
    });
  });
});

describe("output", () => {
  test("says first, on stderr, how many requests it sends at most, and sends no more", async () => {
    await using webhook = await startWebhook();
    const { out, err } = await cli(["check", webhook.url.href, "--secret", SECRET, "--json"]);
    const [, most] = /^At most (\d+) requests to 127\.0\.0\.1:\d+, for at most 5 minutes\.$/m.exec(err) ?? [];
    const { requests } = JSON.parse(out);
    expect(requests.at_most).toBe(Number(most));
    expect(requests.sent).toBeLessThanOrEqual(Number(most));
  });

  test("--json contains every check once, in the documented form", async () => {
    await using webhook = await startWebhook(defect(FAIL_OPEN));
    const { out } = await cli(["check", webhook.url.href, "--secret", SECRET, "--only", "S01,S02,E01", "--json"]);
    expect(JSON.parse(out)).toEqual({
      schema: "replyhook-check/1",
      url: webhook.url.href,
      stream: null,
      signed: true,
      echo: true,
      started_at: expect.stringMatching(/^\d{4}-.*Z$/),
      ms: expect.any(Number),
      requests: { at_most: expect.any(Number), sent: 3 },
      exit_code: 1,
      incomplete: null,
      summary: { pass: 1, warn: 0, fail: 1, skip: 1 },
      groups: { signature: { pass: 1, warn: 0, fail: 1, skip: 0 }, stream: { pass: 0, warn: 0, fail: 0, skip: 1 } },
      checks: [
        {
          id: "S01",
          group: "signature",
          level: "MUST",
          name: "refuses a message without signature headers",
          outcome: "fail",
          ms: expect.any(Number),
          sent: "no signature headers",
          expected: "401 (any 4xx refuses it)",
          came: '200, application/json; charset=utf-8: {"reply":"You said: hello"}',
          fix: expect.any(String),
          reproduce: expect.stringContaining("curl"),
          seen: ["200 · application/json; charset=utf-8"],
        },
        expect.objectContaining({ id: "S02", outcome: "pass", seen: ["401 · application/problem+json"] }),
        expect.objectContaining({
          id: "E01",
          outcome: "skip",
          reason: "only for a webhook that streams (--stream URL)",
          seen: [],
        }),
      ],
    });
  });

  test("--junit writes the same results to a file", async () => {
    await using webhook = await startWebhook(defect(FAIL_OPEN));
    const file = join(folder, "report.xml");
    await cli(["check", webhook.url.href, "--secret", SECRET, "--only", "S01,S02,S16,E01", "--junit", file]);
    const xml = readFileSync(file, "utf8");
    expect(xml).toContain('tests="4" failures="1" errors="0" skipped="1"');
    expect(xml).toContain('<testcase classname="replyhook.signature" name="S01 refuses a message without signature headers"');
    expect(xml).toContain(
      '<failure message="200, application/json; charset=utf-8: {&quot;reply&quot;:&quot;You said: hello&quot;}" type="MUST">',
    );
    expect(xml).toContain('<skipped message="only for a webhook that streams (--stream URL)"/>');
  });

  test("never shows the secret, even if the webhook does", async () => {
    await using webhook = await startWebhook(defect(LEAKS_SECRET));
    const file = join(folder, "leak.xml");
    const { out, err } = await cli(["check", webhook.url.href, "--secret", SECRET, "--only", "S,C", "--junit", file]);
    expect(out).toContain("S13");
    expect(out + err + readFileSync(file, "utf8")).not.toContain(SECRET);
  });

  test("has colours only on a terminal, and none with NO_COLOR", async () => {
    expect(paintFor({ isTTY: true }, {})("red", "no")).toBe("\x1b[31mno\x1b[39m");
    expect(paintFor({ isTTY: true }, { NO_COLOR: "1" })("red", "no")).toBe("no");
    await using webhook = await startWebhook(defect(FAIL_OPEN));
    const { out, err } = await cli(["check", webhook.url.href, "--secret", SECRET, "--only", "S01"]);
    expect(out + err).not.toContain("\x1b");
  });

  test("--list shows every check and sends nothing", async () => {
    const { code, out } = await cli(["check", "--list"]);
    expect(code).toBe(0);
    expect(out.trim().split("\n")).toHaveLength(allChecks.length);
    expect(out).toContain("S07  MUST    refuses a message 301 s old\n");
  });

  test("--skip leaves out checks", async () => {
    const { out } = await cli(["check", "--list", "--only", "C01,C02,L", "--skip", "load,c02"]);
    expect(out).toBe("C01  MUST    answers the smoke payload\n");
  });

  test.each(["check", "send", "sign", "explain"])("%s --help has examples and the exit codes", async (command) => {
    const { code, out } = await cli([command, "--help"]);
    expect(code).toBe(0);
    expect(out).toContain("Examples:\n");
    expect(out).toContain("Exit codes: 0");
  });
});

describe("--compare", () => {
  type Webhook = Awaited<ReturnType<typeof startWebhook>>;
  const compare = (here: Webhook, there: Webhook, only: string) => {
    const urls = [here.url.href, "--compare", there.url.href, "--stream", here.stream.href];
    return cli(["check", ...urls, "--secret", SECRET, "--only", only]);
  };

  test("finds no difference between two equal webhooks", async () => {
    await using here = await startWebhook();
    await using there = await startWebhook();
    const { code, out } = await compare(here, there, "C,S,E");
    expect(out).toMatch(/^No difference in \d{2,} checks\.\n$/);
    expect(code).toBe(0);
  });

  test("shows where a deployment buffers the stream and changes a status", async () => {
    await using here = await startWebhook();
    await using there = await startWebhook({ ...defect("buffers the whole stream"), ...defect("answers 403") });
    const { code, out } = await compare(here, there, "S01,S04,E08,C01");
    expect(code).toBe(1);
    expect(out).toContain("E08 streams in pieces, not in one block");
    expect(out).toMatch(/S01 S04 status and headers\n.*401 · application\/problem\+json\n.*403 · application\/problem\+json\n/);
    expect(out).toContain("2 differences in 4 checks.");
  });
});

test("follows no redirect, and sends to no other host", async () => {
  let strangers = 0;
  const other = createServer((_, response) => {
    strangers++;
    response.end('{"reply":"gotcha"}');
  }).listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  await using webhook = await startWebhook({
    first(_request, answer) {
      answer.writeHead(307, { location: `http://127.0.0.1:${port}/` }).end();
      return true;
    },
  });
  const { code } = await cli(["check", webhook.url.href, "--only", "C"]);
  other.close();
  expect(code).toBe(1);
  expect(strangers).toBe(0);
});

test("ends at once and without a stack trace on Ctrl-C", async () => {
  await using webhook = await startWebhook({ reply: () => new Promise(() => {}) });
  const [node, program] = COMMAND;
  const child = spawn(node, [program, "check", webhook.url.href, "--secret", SECRET]);
  let err = "";
  const ended = once(child, "exit");
  child.stderr.on("data", (data) => {
    if (err === "") child.kill("SIGINT");
    err += data;
  });
  const [code] = await ended;
  expect(code).toBe(130);
  expect(err).toMatch(/^At most .*\n\nStopped\.\n$/);
});
