import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { PageEvent } from "../../local/playground/page/protocol.ts";
import { cli } from "../check/cli.ts";
import { SECRET } from "./main-app.ts";
import { startPage, startWebhook } from "./page-client.ts";
import { pageAndNode } from "./started.ts";

const { page, node } = await pageAndNode();
const folder = mkdtempSync(join(tmpdir(), "replyhook-page-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("run all checks", () => {
  const isChecked = (event: PageEvent) => event.type === "checked";
  const checksOf = (events: readonly PageEvent[]) => events.flatMap((event) => (event.type === "check" ? [event] : []));

  test("tells each result, and the summary; one run at a time", async () => {
    const { app } = await page.chat({ webhookUrl: node.stream.href });
    const from = page.events.events.length;
    await page.post(`/playground/apps/${app.id}/checks`);
    expect(await page.call("POST", `/playground/apps/${app.id}/checks`)).toMatchObject({
      ...{ status: 409, body: { error: "The checks are running already." } },
    });
    const told = () => page.events.events.slice(from);
    const end = await page.events.until(() => told().find(isChecked));
    expect(end).toMatchObject({ passed: true, summary: expect.stringMatching(/^PASS \d+ passed/) });
    const results = checksOf(told());
    expect(results.map(({ index }) => index)).toEqual(results.map((_, i) => i));
    expect(results).toHaveLength(results[0]?.count ?? 0);
    expect(results.filter(({ check }) => check.outcome === "fail")).toEqual([]);
    expect(results.find(({ check }) => check.id === "E01")?.check).toMatchObject({ group: "stream", outcome: "pass" });
  });

  test("needs a URL that the main app calls", async () => {
    const { app } = await page.chat({ webhookUrl: "http://192.168.0.1/" });
    expect(await page.call("POST", `/playground/apps/${app.id}/checks`)).toMatchObject({
      ...{ status: 400, body: { error: "Webhook URL host '192.168.0.1' is blocked (private network)" } },
    });
  });

  test("says why nothing can be checked", async () => {
    const { app } = await page.chat({ webhookUrl: node.stream.href, secret: "another" });
    const from = page.events.events.length;
    await page.post(`/playground/apps/${app.id}/checks`);
    const end = await page.events.until(() => page.events.events.slice(from).find(isChecked));
    expect(end).toMatchObject({
      passed: false,
      summary: expect.stringContaining("The webhook refused the first signed message."),
    });
  });

  test("shows the fix of a failure, and ends when the page goes", async () => {
    using own = await startPage();
    using webhook = await startWebhook(({ json }, response) => response.end(JSON.stringify({ reply: json?.message?.content })));
    const { app } = await own.chat({ webhookUrl: webhook.url });
    await own.post(`/playground/apps/${app.id}/checks`);
    const failed = await own.events.seen("check", ({ check }) => check.outcome === "fail");
    expect(failed.check).toMatchObject({ fix: expect.any(String), came: expect.any(String) });
    own.events.close();
    // The next run can begin when the first has ended.
    const begun = async () => (await own.call("POST", `/playground/apps/${app.id}/checks`)).status;
    await expect.poll(begun, { timeout: 10_000 }).toBe(202);
  });
});

describe("save as test", () => {
  test("makes a file that the command runs again", async () => {
    const chat = await page.chat({ webhookUrl: node.stream.href });
    const file = join(folder, "conversation.json");
    expect(await page.call("GET", `/playground/threads/${chat.thread.id}/conversation`)).toMatchObject({
      ...{ status: 409, body: { error: expect.stringMatching(/^Send a message first/) } },
    });
    await chat.send("café 😀");
    await chat.send("not this one", { break: "stale" });
    await chat.send("and /run", { route: "run" });
    const response = await fetch(`${page.base}/playground/threads/${chat.thread.id}/conversation`);
    expect(response.headers.get("content-disposition")).toMatch(/^attachment; filename="conversation-[0-9a-f]{8}\.json"$/);
    const text = await response.text();
    expect(text).not.toContain(SECRET);
    writeFileSync(file, text);
    expect(JSON.parse(text).messages.map(({ expect }: { expect: unknown }) => expect)).toEqual([
      { status: 200, reply: "Echo: café 😀" },
      { status: 200, reply: "Echo: and /run" },
    ]);

    const command = ["check", node.url.href, "--stream", node.stream.href, "--conversation", file];
    const env = { WEBHOOK_SECRET: SECRET };
    const { code, out } = await cli(command, { env });
    expect(out).toBe(
      '✓ "café 😀": "Echo: café 😀"\n✓ "and /run": "Echo: and /run"\nPASS 2 of 2 messages were answered as before\n',
    );
    expect(code).toBe(0);
    const json = await cli([...command, "--json"], { env });
    expect(json.code).toBe(0);
    expect(JSON.parse(json.out)).toEqual({
      ...{ schema: "replyhook-conversation-check/1", passed: true },
      messages: ["café 😀", "and /run"].map((said) => ({ said, ok: true, came: `"Echo: ${said}"` })),
    });

    writeFileSync(file, text.replace('"reply": "Echo: and /run"', '"reply": "Echo: or /run"'));
    const other = await cli(command, { env });
    expect(other.out).toContain('✗ "and /run": expected 200 and "Echo: or /run"; came "Echo: and /run"\nFAIL 1 of 2');
    expect(other.code).toBe(1);
    writeFileSync(file, text.replaceAll(/,\s*"reply": "[^"]*"/g, ""));
    expect((await cli(command, { env })).out).toContain("PASS 2 of 2");
    const refused = await cli(command, { env: { WEBHOOK_SECRET: "another" } });
    expect(refused.out).toMatch(/✗ "café 😀": expected 200; came 401, .*signature_mismatch/);
    expect(refused.out).toContain("FAIL 0 of 2");
  });

  test.each([
    ["{}", /is no conversation: save one with "Save as test"/],
    ["no JSON", /is no conversation/],
    ['{"schema":"replyhook-conversation/1","messages":[{}]}', /^Message 1 in .* needs route/],
  ])("%s is no such file", async (text, error) => {
    const file = join(folder, "wrong.json");
    writeFileSync(file, text);
    const { code, err } = await cli(["check", node.url.href, "--conversation", file]);
    expect(err).toMatch(error);
    expect(code).toBe(2);
  });
});
