import type { KnownSecrets } from "../explain/app-keys.ts";
import { type Explanation, explain } from "../explain/explain.ts";
import { masked } from "../explain/explanation-text.ts";
import type { PeerText } from "../peer-text.ts";
import type { Arrival } from "./front.ts";

interface Explaining extends KnownSecrets {
  readonly peer: PeerText;
}

/** Many explanations at once would hold up the answers that are passed on, and come in any order. */
export type InTurn = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function oneAtATime(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
}

/** Whether the signature of a request that has arrived is good, and why not. No secret is in it. */
export async function explainArrival(
  { request, body, at }: Arrival,
  { secret, previous, appSecrets, peer }: Explaining,
): Promise<Explanation> {
  const header = (name: string) => request.headersDistinct[name]?.join(", ");
  const explanation = await explain({
    body,
    timestamp: header("x-timestamp"),
    signature: header("x-signature"),
    appId: header("x-app-id") || undefined,
    ...{ secret, previous, appSecrets },
    receivedAt: unixSeconds(at),
    isLive: true,
  });
  return masked(explanation, peer);
}

export function unixSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}
