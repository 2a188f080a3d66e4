import { describe, expect, test } from "vitest";
import type { Break } from "../../local/playground/page/protocol.ts";
import { delta, done, postAs, startWebhook } from "./page-client.ts";
import { answer, chunks, type Steps, startRawWebhook } from "./raw-webhook.ts";
import { pageAndNode } from "./started.ts";

const { page, node } = await pageAndNode();

describe("a break", () => {
  const AS_IT_SHOULD = /^(?:Refused, as it should be|Both got|Accepted|Answered|Refused with 413|The next message).*: HTTP \d/;
  const WHY: Partial<Record<Break, RegExp>> = {
    "wrong-secret": /signed with another secret\.$/,
    "no-signature": /^$/,
    stale: /timestamp is an hour old\.$/,
    "changed-body": /changed after it was signed\.$/,
  };
  const TEXTS: Partial<Record<Break, string>> = { "hang-up": "script: until hang-up" };
  const breaks: Break[] = ["wrong-secret", "no-signature", "stale", "changed-body", "twice", "non-ascii", "huge", "hang-up"];
  test.each(breaks)("%s: the project's own webhook does what it should", async (kind) => {
    const chat = await page.chat({ webhookUrl: node.stream.href });
    const exchange = await chat.send(TEXTS[kind] ?? "hello", { break: kind });
    expect(exchange.verdict?.expected).toEqual({ what: expect.stringMatching(AS_IT_SHOULD), held: true });
    expect(exchange.break).toBe(kind);
    expect((await page.details(exchange)).signature?.why ?? "").toMatch(
      WHY[kind] ?? /(?:signed as it is sent|Verify this form too)\.$/,
    );
    expect((await chat.send("and now?")).status).toBe(200);
  });

  /** A webhook that verifies nothing, answers each request with another text, and breaks on what is rare. */
  const careless: [Break, Steps, RegExp][] = [
    ["wrong-secret", chunks([done({})]), /It did not: HTTP 200/],
    ["no-signature", chunks([done({})]), /It did not: HTTP 200/],
    ["stale", chunks([done({})]), /It did not: HTTP 200/],
    ["changed-body", answer("", { status: "500 Oops" }), /It did not: HTTP 500/],
    ["non-ascii", answer("", { status: "401 No" }), /It did not: HTTP 401/],
    ["huge", [], /It did not: the connection was closed/],
  ];
  test.each(careless)("%s: a careless webhook does not", async (kind, steps, what) => {
    using webhook = await startRawWebhook(steps);
    const chat = await page.chat({ webhookUrl: webhook.url });
    const { verdict } = await chat.send("hello", { break: kind });
    expect(verdict?.expected).toEqual({ what: expect.stringMatching(what), held: false });
  });

  test("twice: the very same bytes, and another text for the copy does not hold", async () => {
    const received: string[] = [];
    using webhook = await startWebhook(({ headers, json }, response) => {
      received.push(JSON.stringify([headers, json]));
      response.writeHead(200, { "content-type": "text/event-stream" }).end(delta(`answer ${received.length}`) + done({}));
    });
    const { verdict } = await (await page.chat({ webhookUrl: webhook.url })).send("hello", { break: "twice" });
    expect(received).toHaveLength(2);
    expect(received[0]).toBe(received[1]);
    expect(verdict?.expected).toEqual({ what: expect.stringContaining("with another text"), held: false });
  });

  test("twice: refusals with the same status hold, whatever their body says", async () => {
    let requests = 0;
    using webhook = await startWebhook((_, response) => response.writeHead(401).end(`request ${++requests}`));
    const { verdict } = await (await page.chat({ webhookUrl: webhook.url })).send("hello", { break: "twice" });
    expect(verdict?.expected).toMatchObject({ held: true });
  });

  test("twice: two stored messages are said", async () => {
    using webhook = await startWebhook(async ({ json }, response) => {
      await postAs(page.base, json, "hi");
      response.writeHead(200, { "content-type": "text/event-stream" }).end(delta("hi") + done({}));
    });
    const { verdict } = await (await page.chat({ webhookUrl: webhook.url })).send("hello", { break: "twice" });
    expect(verdict?.expected).toEqual({ what: expect.stringContaining("HTTP 200. It also stored 2 messages"), held: true });
  });

  test("hang-up: a webhook that ends itself does not hold", async () => {
    let messages = 0;
    using webhook = await startWebhook((_, response) => {
      if (++messages > 1) return response.destroy();
      response.writeHead(200, { "content-type": "text/event-stream" }).write(delta("hi"));
    });
    const { verdict } = await (await page.chat({ webhookUrl: webhook.url })).send("hello", { break: "hang-up" });
    expect(verdict).toMatchObject({ what: expect.stringMatching(/^The chat hung up/), expected: { held: false } });
  });

  test.each([
    ["no secret", { secret: "" }, { break: "stale" }, /has no secret/],
    ["the simulator", { mode: "simulator" }, { break: "huge" }, /calls no webhook/],
    ["/run, which nobody hangs up", {}, { break: "hang-up", route: "run" }, /Only a stream/],
  ] as const)("makes no sense with %s", async (_, fields, sending, error) => {
    const chat = await page.chat({ webhookUrl: node.stream.href, ...fields });
    await expect(chat.begin({ text: "hello", ...sending })).rejects.toThrow(error);
    expect(await chat.messages()).toHaveLength(1);
  });
});

describe("warnings", () => {
  test.concurrent.each<[name: string, steps: Steps, RegExp]>([
    ["a split event", chunks([delta("hi").slice(0, -2), 60, `\n\n${done({})}`]), /event delta is split over two reads/],
    ["CRLF", chunks(["event: done\r\ndata: {}\r\n\r\n"]), /ends with \\r\\n/],
    ["non-ASCII", chunks([delta("é"), done({})]), /beyond ASCII/],
    ["done in one read with a text", chunks([delta("hi") + done({})]), /done came in the same read/],
    ["no done", chunks([delta("hi")]), /no done event/],
    ["no message_id", chunks([done({})]), /no message_id/],
    ["an event of more than 64 KiB", chunks([delta("x".repeat(70_000)), done({})]), /longer than 64 KiB/],
    ["a delta without a text", chunks(["event: delta\ndata: {}\n\n", done({})]), /"undefined"/],
    ["silence", chunks([delta("hi"), 5200, done({})]), /silent for 5\.\d s/],
  ])("%s", async (_, steps, warning) => {
    using webhook = await startRawWebhook(steps);
    const chat = await page.chat({ webhookUrl: webhook.url });
    const { warnings } = await page.details(await chat.send("hello"));
    expect(warnings).toContainEqual(expect.stringMatching(warning));
  });
});
