import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../local/dev/port.ts";
import { devOptions } from "../shipped/dev-options.ts";
import { readAsDashboard } from "../support/dashboard-reader.ts";
import { sendTo } from "../support/http-target.ts";
import { payload } from "../support/payload.ts";
import { signedRequest } from "../support/signing.ts";
import { jsonOf } from "../support/target.ts";

const SECRET = "once-secret";
const dev = devOptions("dev:netlify");

test("npm run dev:netlify: a copy of a signed request gets the first one's answer, and the log says nothing else", {
  timeout: 300_000,
}, async () => {
  const port = await freePort();
  const running = await dev(["--functions", "tests/entries/once/functions"], { PORT: String(port), WEBHOOK_SECRET: SECRET });
  onTestFinished(async () => {
    running.signal("SIGINT");
    await running.exited;
  });
  await running.printed(`/run      http://localhost:${port}/`);
  const before = running.lines.length;

  const now = Math.floor(Date.now() / 1000);
  const send = async (path: string, content = "hi") =>
    sendTo(port, await signedRequest(SECRET, now, JSON.stringify(payload(content)), { path }));
  const { reply } = jsonOf(await send("/"));
  expect(reply).toMatch(/^[\da-f-]{36}$/);
  expect(jsonOf(await send("/")).reply).toBe(reply);
  expect(readAsDashboard((await send("/stream")).pieces).text).toBe(reply);
  expect(jsonOf(await send("/", "another message")).reply).not.toBe(reply);

  const isRequest = (line: string) => line.includes("  POST  ");
  await expect.poll(() => running.lines.filter(isRequest).length).toBe(4);
  const lines = running.lines.slice(before);
  expect(lines).toEqual(Array(4).fill(expect.stringMatching(/ {2}POST {2}\/(?:stream)? {2}200 {2}/)));
  expect(lines.map((line) => line.includes("  copy  "))).toEqual([false, true, true, false]);
});
