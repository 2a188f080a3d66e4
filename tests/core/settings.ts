import { expect, test } from "vitest";
import { readSettings } from "../../shared/settings.ts";
import { isRealId } from "../../shared/uuid.ts";

const UUID = "f62591a3-8934-47cc-bd16-e1e800212586";
const warningsOf = (env: Record<string, unknown>) => readSettings(env).warnings.join("\n");

export function settingsPromises(): void {
  test.each([
    ["https://a.example", "https://a.example"],
    ["https://a.example/base//", "https://a.example/base"],
    ["http://localhost:8000/", "http://localhost:8000"],
    ["http://127.0.0.1:8000", "http://127.0.0.1:8000"],
    ["http://[::1]:8000", "http://[::1]:8000"],
  ])("BACKEND_URL may be %s", (BACKEND_URL, backendUrl) => {
    expect(readSettings({ BACKEND_URL }).backendUrl).toBe(backendUrl);
    expect(warningsOf({ BACKEND_URL, WEBHOOK_SECRET: "s" })).toBe("");
  });

  test.each([
    ["http://a.example", "the secret would be sent in plain text"],
    ["http://localhost.evil.example", "a name that only begins with localhost"],
    ["https://user@a.example", "a user"],
    ["https://:password@a.example", "a password"],
    ["https://a.example/?", "a query"],
    ["https://a.example/#", "a fragment"],
    ["ftp://localhost", "another protocol"],
    ["a.example", "no URL"],
  ])("BACKEND_URL may not be %s: %s", (BACKEND_URL) => {
    expect(readSettings({ BACKEND_URL }).backendUrl).toBeUndefined();
    expect(warningsOf({ BACKEND_URL })).toContain("BACKEND_URL must be an https:// URL");
  });

  test("what a reply needs to be stored, and is not set, is named", () => {
    expect(warningsOf({})).toContain(
      "Set BACKEND_URL to the main app's backend and WEBHOOK_SECRET to the App's secret to keep it",
    );
    expect(warningsOf({ WEBHOOK_SECRET: "s" })).toBe(
      "The chat will forget streamed text as soon as it is complete, because replies are not stored. Set BACKEND_URL to the main app's backend to keep it.",
    );
    const BACKEND_URL = "https://a.example";
    expect(warningsOf({ BACKEND_URL, WEBHOOK_SECRET: "fine" })).toBe("");
    expect(warningsOf({ BACKEND_URL })).toContain("Set WEBHOOK_SECRET to the App's secret to keep it");
    expect(warningsOf({ BACKEND_URL, WEBHOOK_SECRET: "fine", WEBHOOK_SECRET_PREVIOUS: "clé" })).toContain(
      "can never pass the Partner API: replies will not be stored. Choose another secret",
    );
  });

  test.each([
    ["false", false],
    ["FALSE", false],
    ["0", false],
    ["no", false],
    [false, false],
    ["true", true],
    ["1", true],
    ["yes", true],
    [true, true],
  ])("REQUIRE_SIGNATURE=%s is %s, whatever the default is", (REQUIRE_SIGNATURE, expected) => {
    for (const byDefault of [true, false]) {
      const { requireSignature, warnings } = readSettings({ REQUIRE_SIGNATURE }, undefined, byDefault);
      expect(requireSignature).toBe(expected);
      expect(warnings.join()).not.toContain("REQUIRE_SIGNATURE is");
    }
  });

  test("a setting that is neither true nor false is the safer one, and is named", () => {
    const { requireSignature, warnings } = readSettings({ REQUIRE_SIGNATURE: "of course" });
    expect(requireSignature).toBe(true);
    expect(warnings).toContain("REQUIRE_SIGNATURE is neither true nor false. It counts as true.");
    expect([readSettings({}).requireSignature, readSettings({}, undefined, true).requireSignature]).toEqual([false, true]);
    expect(["false", undefined].map((RUN_ONCE) => readSettings({ RUN_ONCE }).runOnce)).toEqual([false, true]);
  });

  test("times are whole milliseconds, and another value is named", () => {
    for (const [value, ms] of [
      ["1", 1],
      ["9999999", 9_999_999],
      [300, 300],
      ["", 25_000],
    ] as const) {
      expect(readSettings({ REPLY_TIMEOUT_MS: value }).replyTimeoutMs).toBe(ms);
      expect(warningsOf({ REPLY_TIMEOUT_MS: value })).not.toContain("REPLY_TIMEOUT_MS");
    }
    for (const value of ["0", "-5", "1.5", "5s", "10000000", "01"]) {
      expect(readSettings({ REPLY_TIMEOUT_MS: value }).replyTimeoutMs).toBe(25_000);
      expect(warningsOf({ REPLY_TIMEOUT_MS: value })).toContain(
        "REPLY_TIMEOUT_MS is not a whole number of milliseconds from 1 to 9999999. 25000 is used.",
      );
    }
  });

  test("replies are deferred only if that is wanted, with the texts that are set", () => {
    expect(readSettings({}).defer).toBeUndefined();
    expect(readSettings({ DEFER: "true" }).defer).toEqual({
      reply: "This takes a little longer. The answer will follow here.",
      timeoutMs: 60_000,
    });
    const DEFER_REPLY = "\0Wait.";
    expect(readSettings({ DEFER: true, DEFER_REPLY, DEFER_TIMEOUT_MS: "7" }).defer).toEqual({ reply: "Wait.", timeoutMs: 7 });
    expect(readSettings({ FALLBACK_REPLY: "\0" }).fallbackReply).toBe("Sorry, I could not answer that. Please try again.");
  });

  test("a secret of another kind than text leaves no webhook open", () => {
    const { requireSignature, secrets, warnings } = readSettings({ WEBHOOK_SECRET: { get: () => "s" } });
    expect([requireSignature, secrets]).toEqual([true, []]);
    expect(warnings).toContain("WEBHOOK_SECRET is not a string. Set it with: npx wrangler secret put WEBHOOK_SECRET");
  });

  test.each([
    [UUID, true],
    [UUID.toUpperCase(), true],
    ["00000000-0000-0000-0000-000000000000", false],
    [`${UUID}0`, false],
    [`0${UUID}`, false],
    ["../../apps", false],
  ])("the main app can have the id %s: %s", (id, real) => {
    expect(isRealId(id)).toBe(real);
  });
}
