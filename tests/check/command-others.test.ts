import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { compressedStream, type Payload, SECRET, startWebhook } from "./broken/base.ts";
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
    writeFileSync(join(cwd, ".env"), "WEBHOOK_SECRET=abcd#efgh\n");
    const { code, err } = await cli(["send", webhook.url.href, "hello"], { cwd });
    expect([code, err]).toEqual([2, expect.stringMatching(/^\.env, line 1: WEBHOOK_SECRET has more after the =/)]);
    expect(err).not.toMatch(/abcd|efgh/);
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

  test("a wrong history file is reported in one sentence", async () => {
    const { code, err } = await cli(["send", "http://127.0.0.1:1/", "hi", "--history", file("bad.json", '{"role":1}')]);
    expect(code).toBe(2);
    expect(err).toMatch(/must hold a JSON list/);
    expect(err).not.toContain("    at ");
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
  ])("%j is reported in one sentence", async (args, words) => {
    const { code, err } = await cli(args);
    expect(code).toBe(2);
    expect(err).toContain(words);
    expect(err).not.toContain("    at ");
  });
});
