import { type Message, withHeader } from "../../sender/message.ts";
import type { Check } from "../check.ts";
import { refused } from "../expect.ts";

export const REFUSED = "401 (any 4xx refuses it)";

/** Messages that must be refused, each with what is wrong with it. */
type Variants = (message: Message) => readonly (readonly [what: string, message: Message])[];

interface Refusal extends Pick<Check, "id" | "name" | "sends" | "fix" | "requests"> {
  readonly variants: Variants;
}

export function refuses({ variants, ...check }: Refusal): Check {
  return {
    ...check,
    level: "MUST",
    expects: REFUSED,
    needs: ["secret"],
    async run(webhook) {
      for (const [what, message] of variants(webhook.says("hello"))) refused(await webhook.send(message), { sent: what });
    },
  };
}

export const withSignature = (message: Message, value: string) => withHeader(message, "X-Signature", value);
/** A signature of the right form that fits nothing. */
export const OTHER = `sha256=${"0".repeat(64)}`;

/** `message` without a signature. */
export function unsigned(message: Message): Message {
  const { signing: _, ...rest } = withHeader(withHeader(message, "X-Signature", undefined), "X-Timestamp", undefined);
  return rest;
}
