import type { Body } from "../../sender/body.ts";
import type { OutgoingRequest } from "../../sender/outgoing-request.ts";
import { mainAppPayload } from "../../sender/payload.ts";
import type { Check } from "../check.ts";
import { expectAlive, expectRefused } from "../expect.ts";
import { type Sent, signedOverRaw, type Webhook } from "../webhook.ts";

const FOUR_HUNDRED = "a 4xx, and the next message answered as ever";
export const NO_CRASH = "an answer below 500, and the next message answered as ever";

type Judge = (sent: Sent) => void;

/** Sends something hostile, remembers the answer, judges it, and asks whether the webhook is still there. */
export async function attack(webhook: Webhook, request: OutgoingRequest, judge: Judge, idleMs?: number): Promise<Sent> {
  const sent = await webhook.send(request, idleMs ? { idleMs } : {});
  webhook.noteAttack(sent);
  try {
    judge(sent);
  } finally {
    // Dead weighs more than a wrong status.
    await expectAlive(webhook, sent);
  }
  return sent;
}

/** A signed message around any bytes. What is signed are these bytes, as they are. */
export function rawRequest(webhook: Webhook, ...body: Body): OutgoingRequest {
  return signedOverRaw(webhook.bodyRequest(body));
}

interface HostileBodies extends Pick<Check, "id" | "name" | "sends" | "fix"> {
  readonly bodies: readonly Body[];
}

/** A check that each of some bodies is refused with a 4xx. */
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

/** JSON text of a payload with `changes` on top of it. */
export function payloadWith(changes: object): string {
  return JSON.stringify({ ...mainAppPayload(), ...changes });
}
