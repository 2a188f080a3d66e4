import { SHOWN_ERROR_BYTES } from "../../sender/main-app.ts";
import { type OutgoingRequest, signedAgain, UPPER, variablesOf, WRONG_SIGNATURE } from "../../sender/outgoing-request.ts";
import { Broken, Skipped } from "../broken.ts";
import type { Check } from "../check.ts";
import { A_REPLY, bodyText, described, replyOf, statusOf } from "../expect.ts";
import type { Sent, Webhook } from "../webhook.ts";
import { unsigned, withSignature } from "./refusal.ts";

export const SAY_NO_SIGNATURE = "Say that the signature does not match. Do not say which signature would match.";

/** "Unauthorized" is not among them: it says no more than 401. */
const REASONS = ["signature", "timestamp", "mismatch", "expired", "stale", "too old", "missing", "hmac", "clock"];

export const signatureAnswers: readonly Check[] = [
  {
    id: "S13",
    level: "MUST",
    name: "shows neither the expected signature nor the secret",
    risk: "learn the right signature or the secret from an answer",
    sends: "a wrong signature",
    expects: "an answer without the expected signature and without the secret",
    fix: SAY_NO_SIGNATURE,
    requests: 1,
    needs: ["secret"],
    async run(webhook) {
      const request = withSignature(webhook.textRequest("hello"), WRONG_SIGNATURE);
      // A new second may begin during the request: the expected signature is computed before and after it.
      const before = expectedSignatures(request, webhook);
      const sent = await webhook.send(request);
      const shown = whole(sent);
      const expected = [...before, ...expectedSignatures(request, webhook)];
      if (expected.some((value) => shown.includes(value))) {
        throw new Broken(`the expected signature, in ${described(sent)}`, { by: sent });
      }
      if (webhook.searchableSecret && shown.includes(webhook.searchableSecret))
        throw new Broken("the secret, in the answer", { by: sent });
    },
  },
  {
    id: "S15",
    level: "SHOULD",
    name: "says 401 and why",
    sends: "no signature, a wrong one, and a stale timestamp",
    expects: `401, with one of the words ${REASONS.join(", ")} in the first ${SHOWN_ERROR_BYTES} bytes of the body: the main app shows only these`,
    fix: 'Answer 401 and begin the body with why: "signature_missing", "timestamp_expired", "signature_mismatch".',
    requests: 3,
    needs: ["secret"],
    async run(webhook) {
      const request = webhook.textRequest("hello");
      let refusals = 0;
      for (const bad of [unsigned(request), withSignature(request, WRONG_SIGNATURE), signedAgain(request, { offset: -3600 })]) {
        const sent = await webhook.send(bad);
        // Other checks report an accepted request.
        if (statusOf(sent) === 200) continue;
        refusals++;
        const start = Buffer.from(bodyText(sent)).subarray(0, SHOWN_ERROR_BYTES).toString();
        if (statusOf(sent) !== 401 || !saysWhy(start)) throw new Broken(described(sent), { by: sent });
      }
      if (refusals === 0) throw new Skipped("nothing was refused");
    },
  },
  {
    id: "S16",
    level: "SHOULD",
    name: "accepts upper-case hex",
    sends: "the right signature in upper case",
    expects: A_REPLY,
    fix: "Before you compare, decode the hex digits or make them lower case.",
    requests: 1,
    needs: ["secret"],
    async run(webhook) {
      replyOf(await webhook.send(withSignature(webhook.textRequest("hello"), `sha256=${UPPER}`)));
    },
  },
];

function saysWhy(text: string): boolean {
  return REASONS.some((word) => text.toLowerCase().includes(word));
}

function expectedSignatures(request: OutgoingRequest, { secret }: Webhook): string[] {
  const { SIGNATURE: hex, UPPER: upper, BASE64: base64 } = variablesOf(request, secret);
  return [hex, upper, base64].filter((value) => value !== undefined);
}

function whole(sent: Sent): string {
  return `${sent.answer?.headers.map((header) => header.join(": ")).join("\n")}\n${bodyText(sent)}`;
}
