import { isRecord } from "./json-text.ts";
import type { Env } from "./reply-types.ts";

const COMMON = ["WEBHOOK_SECRET", "WEBHOOK_SECRET_PREVIOUS"];
const BY_APP = "WEBHOOK_SECRETS";
/** What is wrong with a WEBHOOK_SECRETS that cannot be read, and what to do. */
export const UNREADABLE_SECRETS = `${BY_APP} cannot be read, so every message is refused. It must be JSON: {"<app id>": "<secret>"}, or a list of two secrets.`;

/** The secrets that a signature is checked with. Each list has the newest first, and is empty if there is none. */
export interface Secrets {
  /** For every App that {@link appSecrets} does not name: WEBHOOK_SECRET, then WEBHOOK_SECRET_PREVIOUS. */
  readonly secrets: readonly string[];
  /**
   * WEBHOOK_SECRETS: the secrets of each App that has its own, by its id in small letters. Undefined if that setting cannot be
   * read. Then nobody knows which Apps it names, and every message is refused.
   */
  readonly appSecrets: ReadonlyMap<string, readonly string[]> | undefined;
}

/**
 * The secrets of an environment, exactly as given. `mustSign`: one was given in a form that cannot be used, so the webhook
 * must not be unsigned. Adds to `warnings`, without a secret in them.
 */
export function readSecrets(env: Env, warnings: string[]): Secrets & { mustSign: boolean } {
  const secrets: string[] = [];
  let mustSign = false;
  for (const name of COMMON) {
    const secret = env[name] ?? "";
    // A binding of another kind, such as a secrets store.
    if (typeof secret !== "string") {
      warnings.push(`${name} is not a string. Set it with: npx wrangler secret put ${name}`);
      mustSign = true;
    } else if (secret) {
      secrets.push(secret);
      warnIfPasted(name, secret, warnings);
    }
  }

  const appSecrets = secretsByApp(env[BY_APP] || "{}");
  if (!appSecrets) warnings.push(UNREADABLE_SECRETS);
  const ofApps = allSecrets({ secrets: [], appSecrets });
  for (const secret of ofApps) warnIfPasted(`A secret in ${BY_APP}`, secret, warnings);
  return { secrets, appSecrets, mustSign };
}

/** All secrets, of every App. */
export function allSecrets({ secrets, appSecrets = new Map() }: Secrets): readonly string[] {
  return [...secrets, ...[...appSecrets.values()].flat()];
}

/**
 * The list of secrets that an App has for itself. A UUID is the same in capitals (RFC 9562), so nobody gets round the list by
 * writing the id in another way.
 */
export function ownSecrets(appSecrets: Secrets["appSecrets"], appId: string | null): readonly string[] | undefined {
  return appSecrets?.get(appId?.toLowerCase() ?? "");
}

/** Undefined if the text is not a JSON object from app id to a secret, or to a list of one or two. */
function secretsByApp(text: unknown): Map<string, readonly string[]> | undefined {
  try {
    const value: unknown = JSON.parse(text as string);
    if (typeof text !== "string" || !isRecord(value)) return undefined;
    const entries = Object.entries(value).map(([id, given]) => [id.toLowerCase(), [given].flat()] as const);
    return entries.every(([, list]) => isSecretList(list)) ? new Map(entries as [string, string[]][]) : undefined;
  } catch {
    return undefined;
  }
}

function isSecretList(list: readonly unknown[]): boolean {
  return [1, 2].includes(list.length) && list.every((secret) => typeof secret === "string" && secret);
}

function warnIfPasted(name: string, secret: string, warnings: string[]): void {
  if (!/^\s|\s$|^(["']).*\1$/s.test(secret)) return;
  warnings.push(`${name} has white space or quotes around it. Paste it again without them if that was an accident.`);
}
