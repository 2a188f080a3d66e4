import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { compressedStream, correct, type Payload, SECRET, startWebhook } from "./broken/base.ts";
import { cli } from "./cli.ts";

const folder = mkdtempSync(join(tmpdir(), "replyhook-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("send", () => {
  test("prints status, times and the reply", async () => {
    await using webhook = await startWebhook();
    const { code, out } = await cli(["send", webhook.url.href, "café 😀", "--secret", SECRET]);
    expect(out).toMatch(
      /^200 application\/json; charset=utf-8 \(first byte after \d+ ms, all after \d+ ms\)\n {2}You said: café 😀\n$/,
    );
    expect(code).toBe(0);
  });

  test("takes the secret from the .env of the folder, and --secret wins", async () => {
    await using webhook = await startWebhook();
    const cwd = mkdtempSync(join(folder, "project-"));
    writeFileSync(join(cwd, ".env"), `WEBHOOK_SECRET='${SECRET}'\n`);
    expect((await cli(["send", webhook.url.href, "hello"], { cwd })).code).toBe(0);
    expect((await cli(["send", webhook.url.href, "hello", "--secret", "another"], { cwd })).code).not.toBe(0);
    expect((await cli(["check", webhook.url.href, "--only", "S01"], { cwd })).out).toContain("\nsigned ·");
    expect((await cli(["check", webhook.url.href, "--only", "S01"])).err).toContain(
      "WEBHOOK_SECRET in the environment or in .env.",
    );
    writeFileSync(join(cwd, ".env"), "WEBHOOK_SECRET=abcd#efgh\n");
    const { code, err } = await cli(["send", webhook.url.href, "hello"], { cwd });
    expect([code, err]).toEqual([2, expect.stringMatching(/^\.env, line 1: WEBHOOK_SECRET has more after the =/)]);
    expect(err).not.toMatch(/abcd|efgh/);
  });

  test("--app and --thread stand in the payload and in the headers", async () => {
    const seen: unknown[] = [];
    await using webhook = await startWebhook({
      reply({ app, thread }, { headers }) {
        seen.push([app.id, headers["x-app-id"], thread.id, headers["x-thread-id"]]);
        return "seen";
      },
    });
    const args = ["send", webhook.url.href, "hi", "--secret", SECRET];
    for (const more of [
      ["--app", "shop-2"],
      ["--thread", "t-7"],
    ])
      expect((await cli([...args, ...more])).code).toBe(0);
    const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
    expect(seen).toEqual([
      ["shop-2", "shop-2", uuid, uuid],
      [uuid, uuid, "t-7", "t-7"],
    ]);
    const { code, err } = await cli([...args, "--thread", "t\r\nX-Admin: 1"]);
    expect([code, err]).toEqual([2, expect.stringContaining("It must be printable ASCII")]);
  });

  test("--app takes that App's own secret from WEBHOOK_SECRETS of the .env; --secret wins, and other Apps take WEBHOOK_SECRET", async () => {
    const cwd = mkdtempSync(join(folder, "apps-"));
    writeFileSync(join(cwd, ".env"), `WEBHOOK_SECRETS='{"shop-1": ["of shop 1", "before"], "shop-2": "of shop 2"}'\n`);
    await using webhook = await startWebhook({ secret: "of shop 1" });
    const code = async (...more: string[]) => (await cli(["send", webhook.url.href, "hi", ...more], { cwd })).code;
    expect([await code("--app", "shop-1"), await code("--app", "shop-2")]).toEqual([0, 3]);
    expect(await code("--app", "shop-2", "--secret", "of shop 1")).toBe(0);
    const { err } = await cli(["send", webhook.url.href, "hi"], { cwd });
    expect(err).toContain("in the environment or in .env. Or name an App of WEBHOOK_SECRETS: --app ID.\n");
    const env = { WEBHOOK_SECRET: "of shop 1" };
    expect((await cli(["send", webhook.url.href, "hi", "--app", "shop-3"], { cwd, env })).code).toBe(0);
  });

  test("says that WEBHOOK_SECRETS cannot be read", async () => {
    const { code, err } = await cli(["send", "http://127.0.0.1:1/", "hi"], {
      env: { WEBHOOK_SECRETS: '{"shop-1": "of shop 1"' },
    });
    expect([code, err]).toEqual([2, expect.stringMatching(/^WEBHOOK_SECRETS cannot be read, .* It must be JSON.*\n$/)]);
    expect(err).not.toContain("of shop 1");
  });

  test("--copy sends the same bytes twice, and says whether the answers are the same", async () => {
    const seen: unknown[] = [];
    let answers: string[] = ["one", "one"];
    await using webhook = await startWebhook({
      verify(request, body) {
        seen.push([request.rawHeaders, body.toString()]);
        return correct.verify.call(this, request, body);
      },
      reply: () => answers.shift() ?? "none",
    });
    const args = ["send", webhook.url.href, "hi", "--secret", SECRET, "--copy"];
    const same = await cli(args);
    expect(same.out).toMatch(/^200 .*\n {2}one\nThe same bytes again:\n200 .*\n {2}one\nBoth answers are the same\.\n$/);
    expect([same.code, seen.length, seen[1]]).toEqual([0, 2, seen[0]]);
    answers = ["one", "two"];
    expect((await cli(args)).out).toMatch(/ {2}two\nThe two answers differ: the reply may have run twice\.\n$/);
  });

  test("says that it did not sign, and after a 401 how to give the secret", async () => {
    await using webhook = await startWebhook();
    const unsigned = await cli(["send", webhook.url.href, "hi"]);
    expect([unsigned.code, unsigned.err]).toEqual([
      3,
      "Not signed: there is no --secret, and no WEBHOOK_SECRET in the environment or in .env.\n" +
        "Give the webhook's secret, so that the message is signed: --secret, or WEBHOOK_SECRET in the environment or in .env.\n",
    ]);
    const signed = await cli(["send", webhook.url.href, "hi", "--secret", "a wrong one"]);
    expect([signed.code, signed.err]).toEqual([3, expect.stringMatching(/^To find out why: npx \S.* explain --help\n$/)]);
    expect((await cli(["send", webhook.url.href, "hi", "--secret", SECRET])).err).toBe("");
  });

  test("ignores the other settings of the .env, which may be of another project", async () => {
    await using webhook = await startWebhook();
    const cwd = mkdtempSync(join(folder, "foreign-"));
    const others = `DJANGO_SECRET_KEY=abcd#efgh\nPLAIN=a #b "c\nPRIVATE="\nSECRET_TOKEN=1\n"\n`;
    writeFileSync(join(cwd, ".env"), `${others}WEBHOOK_SECRET='${SECRET}'\n`);
    expect(await cli(["send", webhook.url.href, "hello"], { cwd })).toMatchObject({ code: 0, err: "" });
    writeFileSync(join(cwd, ".env"), `PRIVATE='\nWEBHOOK_SECRET=abcd\n'\n`);
    expect((await cli(["send", webhook.url.href, "hello"], { cwd })).err).toMatch(/which sets a secret/);
  });

  test("sends the customer and the earlier messages", async () => {
    const seen: Payload[] = [];
    await using webhook = await startWebhook({
      reply(payload) {
        seen.push(payload);
        return "seen";
      },
    });
    const history = file("history.json", '[{"role":"user","content":"first"},{"role":"assistant","content":"second"}]');
    await cli(["send", webhook.url.href, "third", "--secret", SECRET, "--customer", "customer-7", "--history", history]);
    expect(seen[0]?.thread.customer_id).toBe("customer-7");
    expect(seen[0]?.history_tail?.map(({ content }) => content)).toEqual(["first", "second", "third"]);
  });

  test("--stream prints each piece with its time", async () => {
    await using webhook = await startWebhook();
    const { code, out } = await cli(["send", webhook.stream.href, "hi", "--secret", SECRET, "--stream"]);
    expect(out).toMatch(/^ +\d\.\d{3} s {2}: hello\n +\d\.\d{3} s {2}event: delta\n +data: \{"text":"You said: hi"\}\n/);
    expect(out).toContain('data: {"status":"completed"}\n200 text/event-stream');
    expect(code).toBe(0);
  });

  test("--stream decodes a compressed stream as it arrives", async () => {
    await using webhook = await startWebhook(compressedStream);
    const { out } = await cli(["send", webhook.stream.href, "hi", "--secret", SECRET, "--stream"]);
    expect(out).toMatch(
      /^ +\d\.\d{3} s {2}: hello\n +\d\.\d{3} s {2}event: delta\n +data: \{"text":"You said: hi"\}\n +\d\.\d{3} s/,
    );
    expect(out).toContain('data: {"status":"completed"}\n200 text/event-stream');
  });

  test("--show prints the request, the signed bytes and a command, without the secret", async () => {
    await using webhook = await startWebhook();
    const { out } = await cli(["send", webhook.url.href, "é", "--secret", SECRET, "--show"]);
    expect(out).toMatch(/^POST \/ HTTP\/1\.1\r\nHost: /);
    expect(out).toMatch(/\nSigned: \d{10}\.\{.*"content":"\\u00e9"/);
    expect(out).toContain("curl -i");
    expect(out).not.toContain(SECRET);
  });

  test("exit code 3 if the signature is refused", async () => {
    await using webhook = await startWebhook();
    expect((await cli(["send", webhook.url.href, "hi", "--secret", "another secret"])).code).toBe(3);
  });

  test("exit code 1 if the answer is a 500, 4 if nothing listens", async () => {
    await using webhook = await startWebhook({ reply: () => Promise.reject(new Error("no")) });
    expect((await cli(["send", webhook.url.href, "hi", "--secret", SECRET])).code).toBe(1);
    const { code, err } = await cli(["send", `http://127.0.0.1:${await freePort()}/`, "hi"]);
    expect(code).toBe(4);
    expect(err).toContain("nothing listens there");
  });

  test.each([
    ['{"role":1}', "must hold a JSON list"],
    ['[{"role":"user","content":"a"},{"role":1}]', "its entry 2 is not one"],
    ['[{"role": "user",\n  "content": "a",}]', "is not JSON: something is wrong at line 2, column 18."],
    ["[{'role': 1}]", "is not JSON: something is wrong at line 1, column 3."],
    ["[1,\n2,\nx]", "is not JSON: something is wrong at line 3, column 1."],
    ['[{"role": "user",\n"content": "a"', "is not JSON: it ends too early, at line 2, column 15."],
    ['["a\nb"]', "is not JSON: something is wrong at line 1, column 4."],
    ['["\\u00', "is not JSON: it ends too early, at line 1, column 7."],
    ["[tru", "is not JSON: it ends too early, at line 1, column 5."],
    ["", "is not JSON: it ends too early, at line 1, column 1."],
  ])("a wrong history file is named, with the place in it: %j", async (content, words) => {
    const history = file("bad.json", content);
    const { code, err } = await cli(["send", "http://127.0.0.1:1/", "hi", "--history", history]);
    expect(code).toBe(2);
    expect(err).toContain(`${history} `);
    expect(err).toContain(words);
    expect(err.trimEnd()).not.toContain("\n");
  });
});

describe("sign and explain", () => {
  test("explain accepts the headers that sign prints", async () => {
    const body = file("body.json", '{"text":"café"}');
    const { out: headers } = await cli(["sign", body, "--secret", SECRET]);
    expect(headers).toMatch(/^X-Timestamp: \d{10}\nX-Signature: sha256=[0-9a-f]{64}\n$/);
    const { code, out } = await cli(["explain", body, "--headers", file("headers.txt", headers), "--secret", SECRET]);
    expect(out).toBe("The signature is good: a webhook must accept this request.\n");
    expect(code).toBe(0);
  });

  test("sign reads the body from stdin, and the time from --timestamp", async () => {
    const { out } = await cli(["sign", "-", "--secret", "s", "--timestamp", "1767268800"], { input: "{}" });
    // printf '1767268800.{}' | openssl dgst -sha256 -hmac s
    expect(out).toBe(
      "X-Timestamp: 1767268800\nX-Signature: sha256=c7804bacdc56d91402e53b0c2dcdc1bff3919ee140c4d917d8e3f7638f8c7330\n",
    );
  });

  test("sign --escaped signs as the main app does", async () => {
    const raw = await cli(["sign", "-", "--secret", "s", "--timestamp", "1", "--escaped"], { input: '"é"' });
    const escaped = await cli(["sign", "-", "--secret", "s", "--timestamp", "1"], { input: '"\\u00e9"' });
    expect(raw.out).toBe(escaped.out);
  });

  test("explain prints each cause with its fix, and ends with 1", async () => {
    const { out: headers } = await cli(["sign", "-", "--secret", SECRET], { input: "{}" });
    const { code, out } = await cli(["explain", "-", "--headers", file("headers2.txt", headers), "--secret", `${SECRET}\n`], {
      input: "{}",
    });
    expect(out).toBe(
      "A webhook refuses this request.\n✗ the secret given here ends with a line end, and the sender's secret does not\n  Paste the secret here again, without it.\n",
    );
    expect(code).toBe(1);
  });

  test("explain takes both secrets from the .env of the folder: the previous one is good too", async () => {
    const cwd = mkdtempSync(join(folder, "project-"));
    writeFileSync(join(cwd, ".env"), "WEBHOOK_SECRET=the new one\nWEBHOOK_SECRET_PREVIOUS=the old one\n");
    const { out: headers } = await cli(["sign", "-", "--secret", "the old one"], { input: "{}" });
    const { code, out } = await cli(["explain", "-", "--headers", file("headers3.txt", headers)], { input: "{}", cwd });
    expect(out).toMatch(
      /^The signature is good: .*\n· the request was signed with the previous secret\n {2}A webhook that has it/,
    );
    expect(code).toBe(0);
  });

  test("explain says whose secret of WEBHOOK_SECRETS signed, and accepts what sign prints for that App", async () => {
    const cwd = mkdtempSync(join(folder, "apps-"));
    writeFileSync(join(cwd, ".env"), `WEBHOOK_SECRETS='{"shop-1": ["of shop 1", "before"], "shop-2": "of shop 2"}'\n`);
    const input = '{"app":{"id":"shop-1"}}';
    const { out: headers } = await cli(["sign", "-", "--app", "shop-1"], { input, cwd });
    expect(headers).toMatch(/^X-App-Id: shop-1\nX-Timestamp: \d{10}\nX-Signature: sha256=[0-9a-f]{64}\n$/);
    const explained = (text: string, ...more: string[]) =>
      cli(["explain", "-", "--headers", file("apps.txt", text), ...more], { input, cwd });
    expect(await explained(headers)).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^The signature is good: .*\n· the request was signed with the secret of App shop-1 in/),
    });
    const bare = headers.replace(/^X-App-Id.*\n/, "");
    expect((await explained(bare)).out).toContain(
      "✗ the request was signed with the secret of App shop-1 in WEBHOOK_SECRETS, and",
    );
    expect((await explained(bare, "--app", "shop-1")).code).toBe(0);
    expect((await explained(headers, "--secret", "of shop 2")).out).toMatch(/None of \d+ combinations/);
    expect((await cli(["sign", "-"], { input, cwd })).err).toContain("--app and WEBHOOK_SECRETS");
  });

  test("explain says that nothing matches", async () => {
    const args = [
      "--timestamp",
      String(Math.floor(Date.now() / 1000)),
      "--signature",
      `sha256=${"0".repeat(64)}`,
      "--secret",
      SECRET,
    ];
    const { code, out } = await cli(["explain", "-", ...args], { input: "{}" });
    expect(out).toMatch(/None of \d+ combinations of secret, timestamp and body gives this signature\./);
    expect(code).toBe(1);
  });

  test.each([
    [["sign", "/no/such/file", "--secret", "s"], "cannot be read: ENOENT"],
    [["sign", "-"], "a secret is needed"],
    [["explain", "-", "--secret", "s", "--at", "noon"], "--at must be Unix seconds"],
    [["explain", "-", "--secret", "s", "--headers", file("dict.txt", "{'X-Timestamp': '1'}")], "it looks like a Python dict"],
  ])("%j is reported in one sentence", async (args, words) => {
    const { code, err } = await cli(args);
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(err).not.toContain("    at ");
  });
});
