import type { Body } from "../../sender/body.ts";
import type { OutgoingRequest } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import type { Check } from "../check.ts";
import { expectAlive, expectRefused } from "../expect.ts";
import { type Sent, signedOverRaw, type Webhook } from "../webhook.ts";

const FOUR_HUNDRED = "a 4xx, and then a normal answer to the next message";
export const NO_CRASH = "an answer below 500, and then a normal answer to the next message";

type Judge = (sent: Sent) => void;

/** Sends a hostile request, notes and judges the answer, and checks that the webhook still answers. */
export async function attack(webhook: Webhook, request: OutgoingRequest, judge: Judge, idleMs?: number): Promise<Sent> {
  const sent = await webhook.send(request, idleMs ? { idleMs } : {});
  webhook.noteAttack(sent);
  try {
    judge(sent);
  } finally {
    // Always: a dead webhook is worse than a wrong status.
    await expectAlive(webhook, sent);
  }
  return sent;
}

/** A request with any body, signed over the raw body. */
export function rawRequest(webhook: Webhook, ...body: Body): OutgoingRequest {
  return signedOverRaw(webhook.bodyRequest(body));
}

interface HostileBodies extends Pick<Check, "id" | "name" | "risk" | "sends" | "fix"> {
  readonly bodies: readonly Body[];
}

/** A check that the webhook refuses each of these bodies with a 4xx. */
export function refusesBodies({ bodies, ...check }: HostileBodies): Check {
  return {
    ...check,
    level: "MUST",
    expects: FOUR_HUNDRED,
    requests: 2 * bodies.length,
    async run(webhook) {
      for (const body of bodies) await attack(webhook, rawRequest(webhook, ...body), expectRefused);
    },
  };
}

/** The JSON text of a payload with these changes. */
export function payloadWith(changes: object): string {
  return JSON.stringify({ ...mainAppPayload(), ...changes });
}
