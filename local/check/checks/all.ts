import { type Check, GROUPS, type Group } from "../check.ts";
import { bodyLengths } from "./body-lengths.ts";
import { contractAnswers } from "./contract-answers.ts";
import { contractPayloads } from "./contract-payloads.ts";
import { contractRare } from "./contract-rare.ts";
import { contractText } from "./contract-text.ts";
import { hostileBodies } from "./hostile-bodies.ts";
import { hostileRequests } from "./hostile-requests.ts";
import { leaks } from "./leaks.ts";
import { load } from "./load.ts";
import { oddKeys } from "./odd-keys.ts";
import { signatureAnswers } from "./signature-answers.ts";
import { signatureBypass } from "./signature-bypass.ts";
import { signatureDigits } from "./signature-digits.ts";
import { signatureHeaders } from "./signature-headers.ts";
import { signatureTime } from "./signature-time.ts";
import { signedText } from "./signed-text.ts";
import { signedValues } from "./signed-values.ts";
import { slowClients } from "./slow-clients.ts";
import { streamCharacters } from "./stream-characters.ts";
import { streamConduct } from "./stream-conduct.ts";
import { streamEvents } from "./stream-events.ts";
import { streamVerifies } from "./stream-verifies.ts";
import { text } from "./text.ts";

export interface RegisteredCheck extends Check {
  readonly group: Group;
}

const byGroup: Record<Group, readonly Check[]> = {
  contract: [...contractPayloads, ...contractAnswers, ...contractText, ...contractRare],
  text,
  signature: [
    ...signatureHeaders,
    ...signatureTime,
    ...signatureAnswers,
    ...signatureDigits,
    ...signatureBypass,
    ...signedText,
    ...signedValues,
  ],
  hostile: [...hostileBodies, ...bodyLengths, ...oddKeys, ...hostileRequests, ...leaks],
  stream: [...streamVerifies, ...streamEvents, ...streamCharacters, ...streamConduct],
  load: [...load, ...slowClients],
};

/** The check without which no other of its group can pass. */
const FOLLOWS: Partial<Record<Group, string>> = {
  ...{ contract: "C01", text: "C01", signature: "C01", hostile: "C01", stream: "E01", load: "C01" },
};

/** All checks, in the order in which they run. */
export const allChecks: readonly RegisteredCheck[] = GROUPS.flatMap((group) =>
  byGroup[group]
    // What runs last looks at answers of every kind.
    .map((check) => ({ ...(FOLLOWS[group] && !check.last && { follows: FOLLOWS[group] }), ...check, group }))
    .sort((a, b) => a.id.localeCompare(b.id)),
).sort((a, b) => Number(a.last ?? false) - Number(b.last ?? false));

const LETTERS: Record<string, Group> = { C: "contract", T: "text", S: "signature", H: "hostile", E: "stream", L: "load" };

/** The checks for a list of ids, letters or group names, such as `S,T05`; or the first unknown name. */
export function selectChecks(list: string): readonly RegisteredCheck[] | { unknown: string } {
  const names = list
    .split(",")
    .map((name) => name.trim())
    .filter(Boolean);
  const selected = new Set<RegisteredCheck>();
  for (const name of names) {
    const group = LETTERS[name.toUpperCase()] ?? GROUPS.find((group) => group === name.toLowerCase());
    const found = allChecks.filter((check) => (group ? check.group === group : check.id === name.toUpperCase()));
    if (found.length === 0) return { unknown: name };
    for (const check of found) selected.add(check);
  }
  return names.length === 0 ? { unknown: list } : allChecks.filter((check) => selected.has(check));
}
