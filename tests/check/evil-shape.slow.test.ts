import { describe, expect, test } from "vitest";
import { cli } from "./cli.ts";
import { startEvil, whole } from "./evil/server.ts";

const HEADERS = ["--timestamp", "1767268800", "--signature", `sha256=${"0".repeat(64)}`, "--secret", "of this test"];

describe("no text makes a command slow", () => {
  test("send prints a reply of 400 kB", async () => {
    const reply = "a".repeat(400_000);
    await using evil = await startEvil((socket) => socket.write(whole(JSON.stringify({ reply }))));
    const { code, out } = await cli(["send", evil.url.href, "hi"]);
    expect(out.endsWith(`\n  ${reply}\n`)).toBe(true);
    expect(code).toBe(0);
  });

  test.each([
    ["an end", "\n", "an event message with 40000 data lines"],
    ["no end", "", "the last event is missing"],
  ])("check reads an event of 40,000 data lines and %s", async (_, end, came) => {
    const stream = whole(`${"data: x\n".repeat(40_000)}${end}`, "text/event-stream");
    await using evil = await startEvil((socket, { path }) =>
      socket.write(path === "/stream" ? stream : whole('{"reply":"hi"}')),
    );
    const { code, out } = await cli(["check", evil.url.href, "--stream", evil.stream.href, "--only", "E", "--verbose"]);
    expect(out).toContain(`  came      ${came}\n`);
    expect(code).toBe(1);
  });

  test.each([
    ["quotes behind backslashes", '\\"'.repeat(6_000_000)],
    ["one long string", `{"event":"${"a".repeat(12_000_000)}"}`],
  ])("explain reads 12 MB of %s", async (_, input) => {
    const { code, out } = await cli(["explain", "-", ...HEADERS], { input });
    expect(out).toMatch(/^None of \d+ combinations of secret, timestamp and body gives this signature\.$/m);
    expect(code).toBe(1);
  });
});
