import { describe, expect, test } from "vitest";
import { payload } from "../support/payload.ts";
import { escaped, signature, signedRequest, unsigned } from "../support/signing.ts";
import { type ExactRequest, jsonOf, textOf } from "../support/target.ts";
import { startBeforeAll, type TargetStarter } from "./index.ts";

export const SECRET = "a-new-secret";
const PREVIOUS = "clé-🔑-секрет";
/** Two Apps with secrets of their own. */
export const APP_A = "aaaaaaaa-0000-4000-8000-000000000001";
export const APP_B = "bbbbbbbb-0000-4000-8000-000000000002";
/** A platform must pass this on as it is, inside JSON. */
export const OF_A = 'clé-🔑 "a\'s" $HOME';
/** Blocks of tests with the same settings share a server. */
export const SIGNED = {
  WEBHOOK_SECRET: SECRET,
  WEBHOOK_SECRET_PREVIOUS: PREVIOUS,
  WEBHOOK_SECRETS: JSON.stringify({ [APP_A]: OF_A, [APP_B]: ["b's own", "b's before"] }),
};
const BODY = JSON.stringify(payload("hello"));
const WELL_FORMED = `sha256=${"0".repeat(64)}`;

export function signaturePromises(starter: TargetStarter): void {
  describe("signature", () => {
    const target = startBeforeAll(starter, SIGNED);
    const refusal = async (request: ExactRequest) => {
      const answer = await target().send(request);
      expect(answer.headers.get("content-type")).toBe("application/problem+json");
      return [answer.status, jsonOf(answer).code];
    };
    const signed = (ageSeconds = 0, secret = SECRET) => signedRequest(secret, target().now() - ageSeconds, BODY);

    test("takes the secret and the previous secret", async () => {
      for (const secret of [SECRET, PREVIOUS]) expect((await target().send(await signed(0, secret))).status).toBe(200);
    });

    test("takes text with é and an emoji, signed escaped and sent as UTF-8", async () => {
      const body = JSON.stringify(payload("café 😀"));
      const answer = await target().send(await signedRequest(SECRET, target().now(), body, { signed: escaped(body) }));
      expect(jsonOf(answer)).toEqual({ reply: "Echo: café 😀" });
    });

    test("takes hex digits in capitals", async () => {
      const request = await signed();
      const headers = request.headers.map(([name, value]): [string, string] => [
        name,
        value.replace(/[0-9a-f]{64}/, (hex) => hex.toUpperCase()),
      ]);
      expect((await target().send({ ...request, headers })).status).toBe(200);
    });

    test.each([290, -290])("takes a timestamp %i s old", async (age) => {
      expect((await target().send(await signed(age))).status).toBe(200);
    });

    test.each([310, -310])("refuses a timestamp %i s old", async (age) => {
      expect(await refusal(await signed(age))).toEqual([401, "timestamp_outside_tolerance"]);
    });

    test.each([
      ["no headers", null, null, "signature_missing"],
      ["no signature", null, "now", "signature_missing"],
      ["an empty signature", "", "now", "signature_missing"],
      ["no timestamp", WELL_FORMED, null, "timestamp_missing"],
      ["an empty timestamp", WELL_FORMED, "", "timestamp_missing"],
      ["no prefix", "0".repeat(64), "now", "signature_malformed"],
      ["another prefix", `sha1=${"0".repeat(64)}`, "now", "signature_malformed"],
      ["a prefix in capitals", `SHA256=${"0".repeat(64)}`, "now", "signature_malformed"],
      ["63 digits", `sha256=${"0".repeat(63)}`, "now", "signature_malformed"],
      ["65 digits", `sha256=${"0".repeat(65)}`, "now", "signature_malformed"],
      ["128 digits", `sha256=${"0".repeat(128)}`, "now", "signature_malformed"],
      ["no hex", `sha256=${"g".repeat(64)}`, "now", "signature_malformed"],
      ["base64", "sha256=qrvM3e7/ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJk=", "now", "signature_malformed"],
      ["two values", `${WELL_FORMED},${WELL_FORMED}`, "now", "signature_malformed"],
      ["junk before it", `x${WELL_FORMED}`, "now", "signature_malformed"],
      ["junk after it", `${WELL_FORMED};`, "now", "signature_malformed"],
      ["an exponent", WELL_FORMED, "1e9", "timestamp_malformed"],
      ["hex time", WELL_FORMED, "0x6b0", "timestamp_malformed"],
      ["a fraction", WELL_FORMED, "1795458797.5", "timestamp_malformed"],
      ["a sign", WELL_FORMED, "+1795458797", "timestamp_malformed"],
      ["a space inside", WELL_FORMED, "1795 458797", "timestamp_malformed"],
      ["milliseconds", WELL_FORMED, "1795458797000", "timestamp_malformed"],
      ["400 digits", WELL_FORMED, "1".repeat(400), "timestamp_malformed"],
      ["another signature", WELL_FORMED, "now", "signature_mismatch"],
    ])("refuses %s", async (_, value, timestamp, code) => {
      const time = timestamp === "now" ? String(target().now()) : timestamp;
      expect(await refusal(unsigned(BODY, { headers: { "X-Signature": value, "X-Timestamp": time } }))).toEqual([401, code]);
    });

    test("refuses a header sent twice", async () => {
      const request = await signed();
      const [signatureHeader] = request.headers.filter(([name]) => name === "X-Signature");
      const [time] = request.headers.filter(([name]) => name === "X-Timestamp");
      const twice = (header: [string, string] | undefined) => ({
        ...request,
        headers: [...request.headers, header ?? ["", ""]] as [string, string][],
      });
      expect(await refusal(twice(signatureHeader))).toEqual([401, "signature_malformed"]);
      expect(await refusal(twice(time))).toEqual([401, "timestamp_malformed"]);
    });

    test("refuses another secret, another body, an empty key and the signature of an empty body", async () => {
      const time = target().now();
      expect(await refusal(await signed(0, "another"))).toEqual([401, "signature_mismatch"]);
      expect(await refusal(await signedRequest(SECRET, time, BODY, { signed: `${BODY} ` }))).toEqual([
        401,
        "signature_mismatch",
      ]);
      expect(await refusal(await signedRequest(SECRET, time, BODY, { signed: "" }))).toEqual([401, "signature_mismatch"]);
      expect(await refusal(await signedRequest("\0", time, BODY))).toEqual([401, "signature_mismatch"]);
    });

    test("the answer shows neither a secret nor the expected signature", async () => {
      const time = target().now();
      const request = unsigned(BODY, { headers: { "X-Signature": WELL_FORMED, "X-Timestamp": String(time) } });
      const text = textOf(await target().send(request));
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain((await signature(SECRET, time, BODY)).slice(7));
      expect(text).not.toMatch(/[0-9a-f]{32}/i);
    });

    test("GET / says signed, and does not show the secret", async () => {
      const page = textOf(await target().send({ method: "GET", path: "/", headers: [], body: new Uint8Array() }));
      expect(page).toContain("signed");
      expect(page).not.toContain(SECRET);
      expect(page).not.toContain(PREVIOUS);
    });
  });

  describe("no secret, but a signature required", () => {
    const target = startBeforeAll(starter, { REQUIRE_SIGNATURE: "true" });

    test("refuses with 503 not_configured", async () => {
      const answer = await target().send(unsigned(BODY));
      expect([answer.status, jsonOf(answer).code]).toEqual([503, "not_configured"]);
    });
  });
}
