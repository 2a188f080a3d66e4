import { type Command, InvalidArgumentError, Option } from "commander";
import { ownSecrets } from "../../shared/secrets.ts";
import { type AppSecrets, appSecretsIn } from "../app-secrets.ts";

/** The URL of a webhook, from the command line. */
export function webhookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new InvalidArgumentError("It must be a whole URL, such as http://localhost:8081/.");
  }
  return url;
}

/** An id that stands in a header too. */
export function headerValue(text: string): string {
  if (!/^[!-~](?:[ -~]*[!-~])?$/.test(text))
    throw new InvalidArgumentError("It must be printable ASCII, without space around it: it also stands in a header.");
  return text;
}

export function milliseconds(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new InvalidArgumentError("It must be a whole number of milliseconds, from 1 to 999999.");
  return Number(text);
}

export function portNumber(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw new InvalidArgumentError("It must be a port, from 1 to 65535.");
  return port;
}

/** From the command line, or from the environment, where other users of the computer cannot see it. */
export function secretOption(): Option {
  return new Option("--secret <secret>", "the webhook's secret, also from .env").env("WEBHOOK_SECRET");
}

export function previousOption(): Option {
  return new Option("--previous <secret>", "the secret before the last change, also from .env").env("WEBHOOK_SECRET_PREVIOUS");
}

export const SECRET_NEEDED =
  "error: a secret is needed: --secret, or WEBHOOK_SECRET (or --app and WEBHOOK_SECRETS) in the environment or in .env";

/** The secret that signs for an App: that of --secret, or else the App's own in WEBHOOK_SECRETS, or else WEBHOOK_SECRET. */
export function signingSecret(command: Command, appId: string | undefined): string | undefined {
  const own = appId === undefined ? undefined : ownSecrets(secretsOfApps(command), appId);
  return own?.[0] ?? nonEmpty(command.opts<{ secret?: string }>().secret);
}

/** The secrets of each App that has its own, by its id. With --secret, that is the only one. */
export function secretsOfApps(command: Command): AppSecrets {
  return command.getOptionValueSource("secret") === "cli" ? new Map() : appSecretsIn(process.env);
}

export function nonEmpty(secret: string | undefined): string | undefined {
  return secret === "" ? undefined : secret;
}
