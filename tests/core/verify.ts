import { expect, test, vi } from "vitest";
import { createApp } from "../../shared/app.ts";
import { systemClock } from "../../shared/clock.ts";
import { echo } from "../../shared/replies/echo.ts";
import { createVerifier } from "../../shared/request/verify.ts";
import { payload } from "../support/payload.ts";
import { signature, signedRequest, unsigned } from "../support/signing.ts";
import type { ExactRequest } from "../support/target.ts";

const SECRET = "boundary-secret";
const NOW = 1_795_458_797;
const BODY = JSON.stringify(payload("hello"));
const WELL_FORMED = `sha256=${"0".repeat(64)}`;
const OLD = String(NOW - 301);

async function codeOf({ headers, ...request }: ExactRequest): Promise<string> {
  const clock = { ...systemClock, wallTime: () => NOW * 1000 + 999 };
  const app = createApp({ env: { WEBHOOK_SECRET: SECRET }, reply: echo, clock, log: () => {} });
  const answer = await app.fetch(new Request("http://localhost/", { ...request, headers: new Headers(headers) }));
  return answer.status === 200 ? "ok" : ((await answer.json()) as { code: string }).code;
}

const signing = { secrets: [SECRET], appSecrets: new Map(), requireSignature: true };
const atNow = { ...systemClock, wallTime: () => NOW * 1000 };

export function verifyPromises(): void {
  test("each copy of a signed request has the same key, also if its hex digits are in capitals", async () => {
    const verify = createVerifier(signing, atNow);
    const value = await signature(SECRET, NOW, BODY);
    const [, digits = ""] = value.split("=");
    for (const written of [digits, digits.toUpperCase()]) {
      const headers = new Headers({ "x-timestamp": String(NOW), "x-signature": `sha256=${written}` });
      const verified = await verify(headers, new TextEncoder().encode(BODY));
      expect(verified).toMatchObject({ form: "raw", idempotencyKey: `${NOW}-${digits}` });
    }
  });

  test("a secret becomes a key once, not for each request: that costs more than the signature", async () => {
    const verify = createVerifier(signing, atNow);
    const headers = new Headers({ "x-timestamp": String(NOW), "x-signature": WELL_FORMED });
    await verify(headers, new Uint8Array());
    const importing = vi.spyOn(crypto.subtle, "importKey");
    await verify(headers, new Uint8Array());
    expect(importing).not.toHaveBeenCalled();
    importing.mockRestore();
  });

  test.each([
    [300, "ok"],
    [-300, "ok"],
    [301, "timestamp_outside_tolerance"],
    [-301, "timestamp_outside_tolerance"],
  ])("a timestamp of exactly %i s before now: %s", async (age, code) => {
    expect(await codeOf(await signedRequest(SECRET, NOW - age, BODY))).toBe(code);
  });

  test.each([
    [undefined, undefined, "signature_missing"],
    [undefined, "x", "signature_missing"],
    ["x", undefined, "timestamp_missing"],
    ["x", "x", "signature_malformed"],
    ["x", OLD, "signature_malformed"],
    [WELL_FORMED, "x", "timestamp_malformed"],
    [WELL_FORMED, OLD, "timestamp_outside_tolerance"],
    [WELL_FORMED, String(NOW), "signature_mismatch"],
  ])("signature %s with timestamp %s is refused with %s", async (signature, timestamp, code) => {
    const headers = { "X-Signature": signature ?? null, "X-Timestamp": timestamp ?? null };
    expect(await codeOf(unsigned(BODY, { headers }))).toBe(code);
  });
}
