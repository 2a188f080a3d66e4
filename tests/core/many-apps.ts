import { expect, test } from "vitest";
import { createApp } from "../../shared/app.ts";
import { systemClock } from "../../shared/clock.ts";
import type { Reply } from "../../shared/reply-types.ts";
import { payload } from "../support/payload.ts";
import { signedRequest } from "../support/signing.ts";

const NOW = 1_795_458_797;
const A = "aaaaaaaa-0000-4000-8000-000000000001";
const B = "bbbbbbbb-0000-4000-8000-000000000002";
const OTHER = "cccccccc-0000-4000-8000-000000000003";
const ENV = {
  WEBHOOK_SECRET: "common",
  WEBHOOK_SECRET_PREVIOUS: "common before",
  WEBHOOK_SECRETS: JSON.stringify({ [A]: "a's own", [B]: ["b's own", "b's before"] }),
};

interface Sent {
  /** X-App-Id. Left out if null. */
  header?: string | null;
  /** `app.id` in the body. */
  body?: string;
  secret: string;
}

/** The reply's text, or the code of the refusal. */
async function answerTo({ header = null, body = header ?? OTHER, secret }: Sent, env: Record<string, unknown> = ENV) {
  const reply: Reply = ({ app }) => `for ${app.id}`;
  const clock = { ...systemClock, wallTime: () => NOW * 1000 };
  const webhook = createApp({ env, reply, clock, log: () => {} });
  const json = JSON.stringify(payload("hello", { app: { id: body } }));
  const { headers, ...request } = await signedRequest(secret, NOW, json, { headers: { "X-App-Id": header } });
  const answer = await webhook.fetch(new Request("http://localhost/", { ...request, headers: new Headers(headers) }));
  const { reply: text, code } = (await answer.json()) as { reply?: string; code?: string };
  return text ?? `${answer.status} ${code}`;
}

const MISMATCH = "401 signature_mismatch";

export function manyAppsPromises(): void {
  test.each<[string, Sent, string]>([
    ["an App's own secret signs for that App", { header: A, secret: "a's own" }, `for ${A}`],
    ["either of two while an App rotates: the new one", { header: B, secret: "b's own" }, `for ${B}`],
    ["either of two while an App rotates: the old one", { header: B, secret: "b's before" }, `for ${B}`],
    ["WEBHOOK_SECRET signs for an App without its own", { header: OTHER, secret: "common" }, `for ${OTHER}`],
    ["and so does the previous one", { header: OTHER, secret: "common before" }, `for ${OTHER}`],
    ["and for a message without X-App-Id", { body: OTHER, secret: "common" }, `for ${OTHER}`],
    ["WEBHOOK_SECRET never signs for an App that has its own", { header: A, secret: "common" }, MISMATCH],
    ["nor the previous one", { header: A, secret: "common before" }, MISMATCH],
    ["nor if X-App-Id names no App and the body does", { body: A, secret: "common" }, MISMATCH],
    ["nor if X-App-Id names another App than the body", { header: OTHER, body: A, secret: "common" }, MISMATCH],
    ["App A's secret never speaks for App B", { header: A, body: B, secret: "a's own" }, MISMATCH],
    ["nor for an App without its own", { header: A, body: OTHER, secret: "a's own" }, MISMATCH],
    ["an App's own secret without X-App-Id is not tried", { body: A, secret: "a's own" }, MISMATCH],
    ["an id in capitals is the same id", { header: A.toUpperCase(), body: A, secret: "a's own" }, `for ${A}`],
    ["so WEBHOOK_SECRET does not sign for it either", { header: OTHER, body: A.toUpperCase(), secret: "common" }, MISMATCH],
    ["nor does another App's own secret", { header: B, body: A.toUpperCase(), secret: "b's own" }, MISMATCH],
    ["two ids in one header name no App", { header: `${A}, ${B}`, body: A, secret: "a's own" }, MISMATCH],
  ])("%s", async (_, sent, answer) => {
    expect(await answerTo(sent)).toBe(answer);
  });

  test("without WEBHOOK_SECRET, an App without its own secret is refused, also where no signature is required", async () => {
    const env = { ...ENV, WEBHOOK_SECRET: "", WEBHOOK_SECRET_PREVIOUS: undefined };
    expect(await answerTo({ header: A, secret: "a's own" }, env)).toBe(`for ${A}`);
    expect(await answerTo({ header: OTHER, secret: "common" }, env)).toBe(MISMATCH);
  });

  test.each([
    ["no JSON", "{"],
    ["a list", `["${A}"]`],
    ["null", "null"],
    ["a number for a secret", `{"${A}": 1}`],
    ["a number for one secret of two", `{"${A}": ["1", 2]}`],
    ["a number for the secret of one App of two", `{"${A}": "1", "${B}": 2}`],
    ["an empty secret", `{"${A}": ""}`],
    ["an empty list", `{"${A}": []}`],
    ["three secrets", `{"${A}": ["1", "2", "3"]}`],
    ["an object of a Worker's [vars]", { [A]: "a's own" }],
    ["a list of a Worker's [vars]", [`{"${A}": "1"}`]],
    ["white space", " "],
  ])("WEBHOOK_SECRETS that cannot be read refuse every message: %s", async (_, WEBHOOK_SECRETS) => {
    expect(await answerTo({ header: OTHER, secret: "common" }, { ...ENV, WEBHOOK_SECRETS })).toBe("503 not_configured");
    expect(await answerTo({ header: OTHER, secret: "common" }, { WEBHOOK_SECRETS })).toBe("503 not_configured");
  });

  test("an id that is in capitals in WEBHOOK_SECRETS is the same id", async () => {
    const env = { ...ENV, WEBHOOK_SECRETS: JSON.stringify({ [A.toUpperCase()]: "a's own" }) };
    expect(await answerTo({ header: A, secret: "a's own" }, env)).toBe(`for ${A}`);
    expect(await answerTo({ header: A, secret: "common" }, env)).toBe(MISMATCH);
  });

  test("WEBHOOK_SECRETS that name no App are as if they were not set", async () => {
    expect(await answerTo({ header: A, secret: "common" }, { ...ENV, WEBHOOK_SECRETS: "{}" })).toBe(`for ${A}`);
  });
}
