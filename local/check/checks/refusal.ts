import { type OutgoingRequest, withHeader } from "../../sender/outgoing-request.ts";
import type { Check } from "../check.ts";
import { expectRefused } from "../expect.ts";

export const REFUSED = "401 (any 4xx refuses it)";

/** Requests that the webhook must refuse, each with its fault. */
type Variants = (request: OutgoingRequest) => readonly (readonly [what: string, request: OutgoingRequest])[];

interface Refusal extends Pick<Check, "id" | "name" | "risk" | "follows" | "sends" | "fix" | "requests"> {
  readonly variants: Variants;
}

/** A check that the webhook refuses each of these requests. If it accepts any secret (S04), it refuses nothing. */
export function refuses({ variants, ...check }: Refusal): Check {
  return {
    follows: "S04",
    ...check,
    level: "MUST",
    expects: REFUSED,
    needs: ["secret"],
    async run(webhook) {
      for (const [what, request] of variants(webhook.textRequest("hello")))
        expectRefused(await webhook.send(request), { sent: what });
    },
  };
}

export const withSignature = (request: OutgoingRequest, value: string) => withHeader(request, "X-Signature", value);
/** A well-formed signature that matches nothing. */
export const WRONG = `sha256=${"0".repeat(64)}`;

/** `message` without a signature. */
export function unsigned(request: OutgoingRequest): OutgoingRequest {
  const { signing: _, ...rest } = withHeader(withHeader(request, "X-Signature", undefined), "X-Timestamp", undefined);
  return rest;
}
