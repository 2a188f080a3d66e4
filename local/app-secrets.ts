import { readSecrets, UNREADABLE_SECRETS } from "../shared/secrets.ts";
import { UsageError } from "./usage-error.ts";

/** Secrets of Apps by their ids: of each App, the newest first. */
export type AppSecrets = ReadonlyMap<string, readonly string[]>;

/** WEBHOOK_SECRETS, as a webhook reads it. Empty if it is not set. Throws a `UsageError` if a webhook could not read it. */
export function appSecretsIn(env: NodeJS.ProcessEnv): AppSecrets {
  const { appSecrets } = readSecrets(env, []);
  if (!appSecrets) throw new UsageError(UNREADABLE_SECRETS);
  return appSecrets;
}
