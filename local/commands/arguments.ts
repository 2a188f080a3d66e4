import { InvalidArgumentError, Option } from "commander";

/** The URL of a webhook, from the command line. */
export function webhookUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    throw new InvalidArgumentError("It must be a whole URL, such as http://localhost:8081/.");
  }
  return url;
}

export function milliseconds(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw new InvalidArgumentError("It must be a whole number of milliseconds, from 1 to 999999.");
  return Number(text);
}

/** From the command line, or from the environment, where other users of the computer cannot see it. */
export function secretOption(): Option {
  return new Option("--secret <secret>", "the webhook's secret").env("WEBHOOK_SECRET");
}

export function previousOption(): Option {
  return new Option("--previous <secret>", "the secret before the last change").env("WEBHOOK_SECRET_PREVIOUS");
}

export function nonEmpty(secret: string | undefined): string | undefined {
  return secret === "" ? undefined : secret;
}
