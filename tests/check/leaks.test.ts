import { describe, expect, test } from "vitest";
import { filePathIn, stackIn } from "../../local/check/stack-traces.ts";
import { startWebhook } from "./broken/base.ts";
import { run, verdicts } from "./run.ts";

describe("a text that is no stack trace", () => {
  test.each([
    "We meet at noon (12:30:45).",
    "Look at README.md:12 and at https://example.com/main.js.",
    "in the file on line 3",
    "at Bot.Hook (see the manual)",
    "Exception: the timestamp is too old",
    "goroutine leaks are hard",
  ])("%s", (text) => {
    expect(stackIn(text)).toBeUndefined();
  });
});

describe("a stack trace, also inside JSON and HTML", () => {
  const trace = new Error("of this test").stack as string;
  test.each([
    ["JavaScript", trace],
    ["JavaScript", JSON.stringify({ detail: trace })],
    ["JavaScript", trace.replaceAll("\n", "<br>").replaceAll("  ", " &nbsp;").replaceAll("<anonymous>", "&lt;anonymous&gt;")],
    ["Python", JSON.stringify('  File "/srv/bot/app.py", line 31, in handle')],
    ["Java", JSON.stringify("\tat com.example.Hook.handle(Hook.java:57)")],
  ])("of %s: %s", (language, text) => {
    expect(stackIn(text)).toBe(language);
  });
});

test.each([
  ["no such file: /home/bot/hooks/routes.js", "/home/bot/hooks/routes.js"],
  ['{"error":"cannot open \\"/srv/app/.env\\""}', "/srv/app/.env\\"],
  ["POST to /app/stream", undefined],
  ["see https://example.com/app/index.html", undefined],
])("the path of a file in %j: %j", (text, path) => {
  expect(filePathIn(text)).toBe(path);
});

test("a webhook may repeat a secret that is a word of the message", async () => {
  const secret = "message_received";
  await using webhook = await startWebhook({ secret, reply: ({ event, message }) => `${event}: ${message.content}` });
  const results = verdicts(await run(webhook, { only: "C01,H22" }));
  expect(results).toEqual({ C01: "pass", H22: "pass" });
});
