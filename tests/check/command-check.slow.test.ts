import { spawn } from "node:child_process";
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { allChecks } from "../../local/check/checks/all.ts";
import { MOST_ATTEMPTS, signingAttempts } from "../../local/check/signing-attempts.ts";
import { freePort } from "../../local/dev/port.ts";
import { paintFor } from "../../local/terminal.ts";
import { type Behaviour, correct, SECRET, startWebhook } from "./broken/base.ts";
import { defects } from "./broken/defects.ts";
import { COMMAND, cli } from "./cli.ts";

const folder = mkdtempSync(join(tmpdir(), "replyhook-"));
afterAll(() => rmSync(folder, { recursive: true }));

const defect = (mistake: string) => defects.find((one) => one.mistake === mistake)?.changes ?? expect.unreachable(mistake);
const FAIL_OPEN = "fails open without headers";
const LEAKS_SECRET = "shows its secret";

/** A webhook that expects another signature, and the beginning of each hint. */
interface WrongFormat {
  readonly mistake: string;
  readonly changes: Partial<Behaviour>;
  readonly secret?: string;
  readonly advice: readonly string[];
}

const HEX_SECRET = "00112233445566778899aabbccddeeff";
const bare =
  (pattern: RegExp): Behaviour["signatureDigits"] =>
  (signature) =>
    pattern.exec(signature)?.[0];
const equals = (write: (digest: Buffer) => string): Partial<Behaviour> => ({
  signatureDigits: (signature) => signature,
  matches: (value, expected) => value === write(expected),
});
const hmacOf = (make: (timestamp: string, body: Buffer, secret: string) => Buffer): Partial<Behaviour> => ({
  digest(timestamp, body) {
    return make(timestamp, body, this.secret);
  },
});
const sha256 = (key: string | Buffer, ...parts: (string | Buffer)[]) =>
  parts.reduce((hmac, part) => hmac.update(part), createHmac("sha256", key)).digest();
const inHeader = (other: string): Partial<Behaviour> => ({
  header(request, name) {
    return correct.header.call(this, request, name === "x-signature" ? other : name);
  },
});

const wrongFormats: readonly WrongFormat[] = [
  {
    mistake: "compares bare hex digits",
    changes: { signatureDigits: bare(/^[0-9a-f]{64}$/) },
    advice: ["It compares bare hex digits. X-Signature is sha256= and the digits: remove the prefix"],
  },
  {
    mistake: "compares bare hex digits, and answers 400",
    changes: {
      signatureDigits: bare(/^[0-9a-f]{64}$/),
      refuse: (answer) => void answer.writeHead(400).end("Invalid signature"),
    },
    advice: ["It compares bare hex digits."],
  },
  {
    mistake: "compares base64",
    changes: equals((digest) => `sha256=${digest.toString("base64")}`),
    advice: ["It compares base64."],
  },
  {
    mistake: "compares bare base64",
    changes: equals((digest) => digest.toString("base64")),
    advice: ["It compares bare base64."],
  },
  {
    mistake: "compares upper-case digits",
    changes: equals((digest) => `sha256=${digest.toString("hex").toUpperCase()}`),
    advice: ["It compares upper-case hex digits."],
  },
  {
    mistake: "signs the body alone",
    changes: hmacOf((_, body, secret) => sha256(secret, body)),
    advice: ["The webhook signs the body alone, without the timestamp. The HMAC covers X-Timestamp"],
  },
  {
    mistake: "leaves out the dot",
    changes: hmacOf((timestamp, body, secret) => sha256(secret, timestamp, body)),
    advice: ["The webhook signs the timestamp and the body without a dot"],
  },
  {
    mistake: "signs the timestamp last",
    changes: hmacOf((timestamp, body, secret) => sha256(secret, body, ".", timestamp)),
    advice: ["The webhook signs the body, a dot, and then the timestamp."],
  },
  {
    mistake: "joins with a colon",
    changes: hmacOf((timestamp, body, secret) => sha256(secret, timestamp, ":", body)),
    advice: ["The webhook signs the timestamp and the body with a colon"],
  },
  {
    mistake: "decodes the secret from hex",
    changes: {
      ...hmacOf((timestamp, body, secret) => sha256(Buffer.from(secret, "hex"), timestamp, ".", body)),
      secret: HEX_SECRET,
    },
    secret: HEX_SECRET,
    advice: ["The webhook decodes the secret from hex. The key is the whole secret"],
  },
  {
    mistake: "removes whsec_",
    changes: hmacOf((timestamp, body, secret) => sha256(secret.slice(6), timestamp, ".", body)),
    advice: ["The webhook removes whsec_ from the secret."],
  },
  {
    mistake: "uses SHA-512",
    changes: {
      ...hmacOf((timestamp, body, secret) => createHmac("sha512", secret).update(`${timestamp}.`).update(body).digest()),
      ...equals((digest) => `sha256=${digest.toString("hex")}`),
    },
    advice: ["It uses HMAC-SHA-512."],
  },
  {
    mistake: "uses SHA-1 as GitHub once did",
    changes: {
      ...hmacOf((timestamp, body, secret) => createHmac("sha1", secret).update(`${timestamp}.`).update(body).digest()),
      ...equals((digest) => `sha1=${digest.toString("hex")}`),
    },
    advice: ["It uses HMAC-SHA-1."],
  },
  {
    mistake: "reads milliseconds",
    changes: {
      timestampOk: (time) => (Math.abs(Date.now() - Number(time)) > 300_000 ? [401, "timestamp_outside_tolerance"] : undefined),
    },
    advice: ["It reads X-Timestamp in milliseconds."],
  },
  {
    mistake: "reads X-Hub-Signature-256",
    changes: inHeader("x-hub-signature-256"),
    advice: ["It reads X-Hub-Signature-256. The main app's signature is in X-Signature."],
  },
  {
    mistake: "does as GitHub's webhooks do",
    changes: { ...inHeader("x-hub-signature-256"), ...hmacOf((_, body, secret) => sha256(secret, body)) },
    advice: ["It reads X-Hub-Signature-256.", "The webhook signs the body alone"],
  },
  {
    mistake: "does as Slack's do",
    changes: {
      ...hmacOf((timestamp, body, secret) => sha256(secret, `v0:${timestamp}:`, body)),
      ...equals((digest) => `v0=${digest.toString("hex")}`),
    },
    advice: ["The webhook signs v0, the timestamp and the body", "It wants v0= before the hex digits"],
  },
  {
    mistake: "compares the bare digits of the body alone",
    changes: { signatureDigits: bare(/^[0-9a-f]{64}$/), ...hmacOf((_, body, secret) => sha256(secret, body)) },
    advice: ["The webhook signs the body alone", "It compares bare hex digits."],
  },
  {
    mistake: "lets bare digits pass, whatever they are",
    changes: {
      verify: (request) => (/^sha256=/.test(String(request.headers["x-signature"])) ? [401, "signature_mismatch"] : undefined),
    },
    advice: ["It does not compare every signature", "It compares bare hex digits."],
  },
  {
    mistake: "has the secret without the quotes that are given here",
    changes: {},
    secret: `"${SECRET}"\n`,
    advice: ["The secret given here has quotes around it, and the webhook's secret does not. Paste the secret here again"],
  },
  {
    mistake: "has a line end after its secret",
    changes: { secret: `${SECRET}\n` },
    advice: ["The webhook's secret ends with a line end. Paste the secret on the webhook's side again"],
  },
];

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

  test("3 if the first signed message is refused", async () => {
    await using webhook = await startWebhook();
    const { code, out, err } = await cli(["check", webhook.url.href, "--secret", "another secret"]);
    expect(code).toBe(3);
    expect(err).toContain("The webhook refused the first signed message.");
    expect(out).toBe("");
  });

  test("3 with the reason if the webhook answers 500 to a signature in another form", async () => {
    await using webhook = await startWebhook({
      verify(request, body) {
        const [timestamp = ""] = request.headersDistinct["x-timestamp"] ?? [];
        const expected = this.digest(timestamp, body).toString("hex");
        // It throws if the lengths differ.
        timingSafeEqual(Buffer.from(String(request.headers["x-signature"])), Buffer.from(expected));
        return undefined;
      },
    });
    const { code, err } = await cli(["check", webhook.url.href, "--secret", SECRET]);
    expect(code).toBe(3);
    expect(err).toContain("It compares bare hex digits. X-Signature is sha256= and the digits");
  });

  test("3 with both reasons if the webhook decodes the secret and compares bare hex", async () => {
    const secret = "deadbeefdeadbeefdeadbeef";
    await using webhook = await startWebhook({
      secret,
      signatureDigits: (signature) => /^[0-9a-f]{64}$/.exec(signature)?.[0],
      digest: (timestamp, body) =>
        createHmac("sha256", Buffer.from(secret, "hex")).update(`${timestamp}.`).update(body).digest(),
    });
    const { code, err } = await cli(["check", webhook.url.href, "--secret", secret]);
    expect(code).toBe(3);
    expect(err).toContain("It compares bare hex digits.");
    expect(err).toContain("decodes the secret from hex");
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

  test("3 if a secret is needed and none is given", async () => {
    await using webhook = await startWebhook();
    const { code, err } = await cli(["check", webhook.url.href]);
    expect(code).toBe(3);
    expect(err).toContain("--secret, or WEBHOOK_SECRET");
  });

  test.each(wrongFormats)("3 with what to fix in a webhook that $mistake", async ({ changes, secret = SECRET, advice }) => {
    let requests = 0;
    await using webhook = await startWebhook({
      ...changes,
      first(request, answer) {
        requests++;
        return correct.first.call(this, request, answer);
      },
    });
    const { code, err } = await cli(["check", webhook.url.href, "--secret", secret]);
    const [said, message, ...hints] = err
      .trimEnd()
      .split("\n  ")
      .flatMap((lines) => lines.split("\n"));
    expect([code, message]).toEqual([3, "The webhook refused the first signed message."]);
    const last = hints.findIndex((hint) => hint.startsWith("It said: "));
    expect(hints.slice(0, last).map((hint) => advice.find((start) => hint.startsWith(start)) ?? hint)).toEqual(advice);
    expect(requests).toBeLessThanOrEqual(Number(/At most (\d+)/.exec(said ?? "")?.[1]));
    expect(err).not.toContain(secret);
  });

  test("the attempts to find what to fix are as many as announced", () => {
    for (const secret of [SECRET, ` "whsec_${"ab".repeat(16)}"\n`, `whsec_${"ab".repeat(16)}\n`, "ab".repeat(32)])
      expect(signingAttempts(secret).length).toBeLessThanOrEqual(MOST_ATTEMPTS);
  });

  test("3 and the hint that most likely the secret is another one, if no way to sign is accepted", async () => {
    await using webhook = await startWebhook();
    const { err } = await cli(["check", webhook.url.href, "--secret", "a wrong one"]);
    expect(err).toContain("so most likely it has another secret");
    expect(err).not.toContain("plain GET");
  });

  test("3 without a word about other ways to sign, if its limit of requests kept them from being tried", async () => {
    let requests = 0;
    await using webhook = await startWebhook({
      first: (_, answer) => Boolean(++requests > 1 && answer.writeHead(429).end()),
    });
    const { err } = await cli(["check", webhook.url.href, "--secret", "a wrong one"]);
    expect(err).toContain("Is the secret the same on both sides");
    expect(err).not.toContain("every other usual way");
    expect(requests).toBe(3);
  });

  test("3 and the hint that something in front of it may refuse, if even a GET is refused", async () => {
    await using webhook = await startWebhook({
      first(_, answer) {
        answer.writeHead(403).end("<h1>Forbidden</h1>");
        return true;
      },
    });
    for (const args of [[], ["--secret", SECRET]]) {
      const { code, err } = await cli(["check", webhook.url.href, ...args]);
      expect(err).toContain("It answers 403 to a plain GET too");
      expect(code).toBe(3);
    }
  });

  test("3 and the hint to put a login into the URL, if it asks for one", async () => {
    await using webhook = await startWebhook({
      first(_, answer) {
        answer.writeHead(401, { "www-authenticate": 'Basic realm="staging"' }).end();
        return true;
      },
    });
    const { err } = await cli(["check", webhook.url.href, "--secret", SECRET]);
    expect(err).toContain(`The main app sends one if the URL has it: http://USER:PASSWORD@${webhook.url.host}/`);
  });

  test("3 with a hint if the clocks differ", async () => {
    await using webhook = await startWebhook({
      timestampOk: () => [401, "timestamp_outside_tolerance"],
      refuse(answer, [status, code]) {
        answer.writeHead(status, { date: new Date(Date.now() + 3_600_000).toUTCString() }).end(code);
      },
    });
    const { err } = await cli(["check", webhook.url.href, "--secret", SECRET]);
    expect(err).toMatch(/The webhook's clock is 3(?:599|600) s ahead of this computer's/);
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
