import { ownSecrets } from "../../shared/secrets.ts";
import type { AppSecrets } from "../app-secrets.ts";
import { type Key, secretTrials } from "./secret-trials.ts";
import type { Finding, Trial } from "./trial.ts";

/** The secrets that a webhook has. */
export interface KnownSecrets {
  readonly secret?: string | undefined;
  readonly previous?: string | undefined;
  /** WEBHOOK_SECRETS: the secrets of each App that has its own, by its id. */
  readonly appSecrets?: AppSecrets | undefined;
}

interface OfAnApp extends KnownSecrets {
  /** X-App-Id. */
  readonly appId?: string | undefined;
}

/**
 * The keys that the sender may use. If WEBHOOK_SECRETS names the App of X-App-Id, a webhook takes that App's secrets alone, and
 * otherwise WEBHOOK_SECRET. Whoever signed with another secret of the webhook is named.
 */
export function keyTrials({ secret, previous, appSecrets = new Map(), appId }: OfAnApp): Trial<Key>[] {
  const own = ownSecrets(appSecrets, appId ?? null);
  const accepted = own && appId !== undefined ? ownTrials(own, appId) : secret ? secretTrials(secret, "sender", previous) : [];
  const others: Trial<Key>[] = [];
  if (own) {
    const what = `the request was signed with WEBHOOK_SECRET, and App ${appId} has a secret of its own in WEBHOOK_SECRETS`;
    const fix = "Set that one in the App in the dashboard, or remove the App from WEBHOOK_SECRETS.";
    for (const value of [secret, previous]) if (value) others.push({ value, finding: { code: "common-secret", what, fix } });
  }
  const there = appId === undefined ? "is missing" : "names another one";
  const fix =
    appId === undefined
      ? "The main app sends X-App-Id with each message. Make sure that no proxy drops it."
      : "Set each App's own secret in the dashboard.";
  for (const [id, values] of appSecrets) {
    const what = `the request was signed with the secret of App ${id} in WEBHOOK_SECRETS, and X-App-Id ${there}`;
    if (values !== own) for (const value of values) others.push({ value, finding: { code: "other-app", what, fix } });
  }
  const isKnown = ({ value }: Trial<Key>) => accepted.some((trial) => Buffer.from(trial.value).equals(Buffer.from(value)));
  return [...accepted, ...others.filter((trial) => !isKnown(trial))];
}

/** The keys that are made from an App's own secrets. */
function ownTrials([newest = "", before]: readonly string[], appId: string): Trial<Key>[] {
  const signer = (which: string, fix: string): Finding => {
    const what = `the request was signed with ${which} of App ${appId} in WEBHOOK_SECRETS`;
    return { code: "app-secret", what, fix, accepted: true };
  };
  const [plain, ...mistakes] = secretTrials(newest, "sender");
  const only = "For this App, a webhook takes no other secret.";
  const rotating = "Before you remove it there, change the secret of this App in the main app.";
  return [
    { value: plain?.value ?? newest, finding: signer("the secret", only) },
    ...(before ? [{ value: before, finding: signer("the second secret", rotating) }] : []),
    ...mistakes,
  ];
}

/** What is wrong if the signature is good, but its secret must not sign for the App in the body. */
export function bodyFindings(body: Buffer, { appSecrets, appId }: OfAnApp): Finding[] {
  const named = appIdIn(body);
  if (!appSecrets || named === undefined) return [];
  const own = ownSecrets(appSecrets, appId ?? null);
  if (ownSecrets(appSecrets, named) === own) return [];
  const there = appId === undefined ? "X-App-Id is missing" : `X-App-Id is ${appId}`;
  const rule = own
    ? "an App's own secret signs for that App alone"
    : "WEBHOOK_SECRET does not sign for an App that has its own";
  return [
    {
      code: "app-mismatch",
      what: `${there}, and app.id in the body is ${named}: ${rule}`,
      fix: "Send the same id in both, and sign with the secret of that App.",
    },
  ];
}

function appIdIn(body: Buffer): string | undefined {
  try {
    const { app } = JSON.parse(body.toString()) as { app?: { id?: unknown } };
    return typeof app?.id === "string" ? app.id : undefined;
  } catch {
    return undefined;
  }
}
