import { type OutgoingRequest, signedAgain, withHeader } from "../../sender/outgoing-request.ts";
import type { BrokenDetails } from "../broken.ts";
import type { Check, Level } from "../check.ts";
import { expectRefused } from "../expect.ts";
import type { Sent, Webhook } from "../webhook.ts";

export const REFUSED = "401 (any 4xx refuses it)";

/** Requests that the webhook must refuse, each with its fault. */
export type Variants = readonly (readonly [what: string, request: OutgoingRequest, level?: Level])[];

interface Refusal extends Pick<Check, "id" | "name" | "risk" | "follows" | "sends" | "fix" | "requests"> {
  readonly level?: Level;
  /** What the answer must be. By default, a 4xx. */
  readonly judge?: (sent: Sent, details: BrokenDetails) => void;
  /** Makes the requests. `request` is the main app's, with the text hello. */
  readonly variants: (request: OutgoingRequest, webhook: Webhook) => Variants;
}

/** A check that the webhook refuses each of these requests. If it accepts any secret (S04), it refuses nothing. */
export function refuses({ variants, judge = expectRefused, ...check }: Refusal): Check {
  return {
    follows: "S04",
    level: "MUST",
    ...check,
    expects: REFUSED,
    needs: ["secret"],
    async run(webhook) {
      for (const [what, request, level] of variants(webhook.textRequest("hello"), webhook))
        judge(await webhook.send(request), { sent: what, ...(level && { level }) });
    },
  };
}

export const withSignature = (request: OutgoingRequest, value: string) => withHeader(request, "X-Signature", value);

/** `request` signed with a key that is not the webhook's secret. */
export const forged = (request: OutgoingRequest) => signedAgain(request, { key: "not the secret of this webhook" });

/** `request` without a signature. */
export function unsigned(request: OutgoingRequest): OutgoingRequest {
  const { signing: _, ...rest } = withHeader(withHeader(request, "X-Signature", undefined), "X-Timestamp", undefined);
  return rest;
}
