import { expect, test } from "vitest";
import { isHeaderSafe } from "../../shared/header-safe.ts";
import { readSettings, signatureMode } from "../../shared/settings.ts";

const BACKEND_URL = "https://a.example";
const PASTED = "has white space or quotes around it. Paste it again without them if that was an accident.";
const UNREADABLE =
  'WEBHOOK_SECRETS cannot be read, so every message is refused. It must be JSON: {"<app id>": "<secret>"}, or a list of two secrets.';

export function secretsPromises(): void {
  test.each([" padded", "padded\n", '"quoted"', "'quoted'", "'two\nlines'", "  "])(
    "a secret with white space or quotes around it is used as it is, and named: %o",
    (secret) => {
      const { secrets, warnings } = readSettings({ BACKEND_URL, WEBHOOK_SECRET: secret });
      expect(secrets).toEqual([secret]);
      expect(warnings[0]).toBe(`WEBHOOK_SECRET ${PASTED}`);
      const ofApp = readSettings({ BACKEND_URL, WEBHOOK_SECRETS: JSON.stringify({ a: secret }) });
      expect(ofApp.warnings[0]).toBe(`A secret in WEBHOOK_SECRETS ${PASTED}`);
      expect(warnings.concat(ofApp.warnings).join()).not.toContain(secret.trim() || "nothing to hide");
    },
  );

  test.each(["plain 'inside'", "'one' side", "another 'side'", "'", "\"mixed'", "plain"])(
    "nothing is said of the secret %o",
    (secret) => {
      expect(readSettings({ BACKEND_URL, WEBHOOK_SECRET: secret }).warnings).toEqual([]);
      expect(readSettings({ BACKEND_URL, WEBHOOK_SECRETS: JSON.stringify({ a: secret }) }).warnings).toEqual([]);
    },
  );

  test("a webhook without a secret, or whose secrets cannot be read, says that every message is refused, and what to do", () => {
    expect(readSettings({ BACKEND_URL }, undefined, true).warnings[0]).toBe(
      "There is no WEBHOOK_SECRET, so every message is refused. Set WEBHOOK_SECRET. " +
        "Only to try the webhook without a secret, set REQUIRE_SIGNATURE to false.",
    );
    const forgets = expect.stringMatching(/^The chat will forget/);
    const unreadable = readSettings({ BACKEND_URL, WEBHOOK_SECRETS: "{" }, undefined, true);
    expect(unreadable.warnings).toEqual([UNREADABLE, forgets]);
    // Not so if it may be unsigned, or has a secret.
    expect(readSettings({ BACKEND_URL }).warnings).toEqual([forgets]);
    expect(readSettings({ BACKEND_URL, WEBHOOK_SECRET: "s" }, undefined, true).warnings).toEqual([]);
  });

  const own = (...ids: string[]) => JSON.stringify(Object.fromEntries(ids.map((id) => [id, "s"])));
  test.each([
    [{}, "unsigned", "everyone who knows the URL can send messages; set WEBHOOK_SECRET"],
    [{ REQUIRE_SIGNATURE: true }, "not configured", "every message is refused until WEBHOOK_SECRET is set"],
    [{ WEBHOOK_SECRETS: "{" }, "not configured", "every message is refused until WEBHOOK_SECRETS can be read"],
    [{ WEBHOOK_SECRET: "s" }, "signed", "messages without a valid signature are refused"],
    [{ WEBHOOK_SECRET: "s", WEBHOOK_SECRET_PREVIOUS: "p" }, "signed", "WEBHOOK_SECRET or WEBHOOK_SECRET_PREVIOUS"],
    [{ WEBHOOK_SECRETS: own("a") }, "signed", "messages without a valid signature are refused; Apps with their own secret: 1"],
    [
      { WEBHOOK_SECRET: "s", WEBHOOK_SECRETS: own("a", "b") },
      "signed",
      "messages without a valid signature are refused; Apps with their own secret: 2",
    ],
  ])("with %o the webhook is %s: %s", (env, mode, explanation) => {
    expect(signatureMode(readSettings(env))).toEqual({ mode, explanation });
  });

  test.each([
    [true, ["s", "two", "with a space", "~!"]],
    [false, ["", " ", " before", "after ", "two\nlines", "éa", "aé", "\x7f"]],
  ])("it is %s that a header can carry these secrets: %o", (expected, secrets) => {
    for (const secret of secrets) expect(isHeaderSafe(secret), secret).toBe(expected);
  });
}
