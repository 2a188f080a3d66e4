import type { Peer, Trial } from "./trial.ts";

const SVIX_PREFIX = "whsec_";
/** A shorter text looks like hex or base64 by chance. */
const HEX = /^(?:[0-9a-f]{2}){8,}$/i;
const BASE64 = /^[\w+/-]{16,}={0,2}$/;

export type Key = string | Buffer;

/**
 * The keys that the peer may use: the given secret, the previous one, the usual mistakes of pasting, and the secret decoded.
 * The findings of the previous secret name it.
 */
export function secretTrials(secret: string, peer: Peer, previous?: string): Trial<Key>[] {
  const trials: Trial<Key>[] = [{ value: secret }];
  const add = (value: Key, code: string, what: string, fix: string, accepted?: boolean) => {
    const isKnown = trials.some((trial) => Buffer.from(trial.value).equals(Buffer.from(value)));
    if (value.length > 0 && !isKnown) trials.push({ value, finding: { code, what, fix, ...(accepted && { accepted }) } });
  };
  if (previous) {
    const what = "the request was signed with the previous secret";
    const fix =
      "A webhook that has it as WEBHOOK_SECRET_PREVIOUS accepts the request. Before you remove it there, change the secret in the main app.";
    add(previous, "previous-secret", what, fix, true);
  }
  for (const { value, finding } of [...pastedHere(secret, "secret", peer), ...pastedThere(secret, peer)])
    add(value, finding.code, finding.what, finding.fix);
  if (previous) {
    for (const { value, finding } of pastedHere(previous, "previous secret", peer))
      add(value, `previous-${finding.code}`, finding.what, finding.fix);
  }

  const asText = "The key is the whole secret as UTF-8, exactly as the dashboard shows it.";
  const bare = secret.trim();
  if (HEX.test(bare)) add(Buffer.from(bare, "hex"), "secret-decoded", `the ${peer} decodes the secret from hex`, asText);
  if (BASE64.test(bare))
    add(Buffer.from(bare, "base64"), "secret-decoded", `the ${peer} decodes the secret from base64`, asText);
  if (bare.startsWith(SVIX_PREFIX)) {
    const rest = bare.slice(SVIX_PREFIX.length);
    const removes = `the ${peer} removes ${SVIX_PREFIX} from the secret`;
    add(rest, "secret-prefix", removes, asText);
    if (BASE64.test(rest))
      add(Buffer.from(rest, "base64"), "secret-prefix", `${removes}, and decodes the rest from base64`, asText);
  }
  return trials;
}

/** The secret without what people paste around it by accident. */
function pastedHere(secret: string, name: string, peer: Peer): Required<Trial<string>>[] {
  const trial = (code: string, what: string, value: string) => {
    const fix = `Paste the ${name} here again, without it.`;
    return { value, finding: { code, what: `the ${name} given here ${what}, and the ${peer}'s secret does not`, fix } };
  };
  const trimmed = secret.trim();
  return [
    trial("secret-newline", "ends with a line end", secret.replace(/\r?\n$/, "")),
    trial("secret-space", "has white space around it", trimmed),
    trial("secret-quotes", "has quotes around it", trimmed.replace(/^(["'])(.*)\1$/s, "$2")),
  ];
}

/** The secret with it. */
function pastedThere(secret: string, peer: Peer): Required<Trial<string>>[] {
  const trial = (code: string, what: string, value: string) => {
    const fix = `Paste the secret on the ${peer}'s side again, without it.`;
    return { value, finding: { code: `${peer}-${code}`, what: `the ${peer}'s secret ${what}`, fix } };
  };
  return [
    trial("secret-newline", "ends with a line end", `${secret}\n`),
    trial("secret-newline", "ends with a line end (CRLF)", `${secret}\r\n`),
    ...[` ${secret}`, `${secret} `, ` ${secret} `].map((padded) => trial("secret-space", "has a space around it", padded)),
    ...['"', "'"].map((quote) => trial("secret-quotes", "has quotes around it", `${quote}${secret}${quote}`)),
  ];
}
