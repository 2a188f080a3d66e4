import { isUtf8 } from "node:buffer";
import { parseJson } from "../sender/parse-json.ts";
import type { RefusedRequest } from "./explain.ts";

const ANOTHER_SECRET =
  "If none passes, the secret is another one: press Generate in the dashboard's App, save it, and give the webhook the same.";
const SORTED =
  "All keys of the body here are in alphabetical order, and the main app's are not: most likely something parsed the body and wrote it again with sorted keys (Flask's jsonify, Go's maps, jq -S).";
const LISTEN = "To look at a message as it arrives, and to save it without a change: npx replyhook explain --listen";
/** Fewer keys are in alphabetical order by chance. */
const FEWEST_KEYS = 3;

/** What to do if no combination gives the signature. */
export function lastWords(tried: number, { body, contentLength, isLive }: RefusedRequest): string[] {
  const none = `None of ${tried} combinations of secret, timestamp and body gives this signature.`;
  if (isSorted(body))
    return [none, SORTED, "Verify the raw body as it arrived, before anything parses it.", ...(isLive ? [] : [LISTEN])];
  if (isLive)
    return [
      none,
      "So it was signed with another secret, or something between the main app and here changes the body.",
      "If other messages of this App pass, the secret is right: look for a proxy or a tunnel on the way.",
      ANOTHER_SECRET,
    ];
  const faults = bodyFaults(body, contentLength);
  const next =
    faults.length > 0
      ? ["Save the body again: its raw bytes as they arrived, before anything parses or prints them."]
      : [
          "If other messages of this App pass, the secret is right: save the body again, as raw bytes, before anything parses it.",
          ANOTHER_SECRET,
        ];
  return [
    none,
    "So most likely it was signed with another secret, or this is not the body that was sent.",
    ...faults,
    ...next,
    LISTEN,
  ];
}

/** Why this cannot be the body that the main app sent. */
function bodyFaults(body: Buffer, contentLength: string | undefined): string[] {
  if (contentLength && /^\d{1,12}$/.test(contentLength) && Number(contentLength) !== body.length)
    return [
      `Content-Length is ${contentLength}, and the body here has ${body.length} bytes: it is not the body that was sent.`,
    ];
  if (body.length === 0) return ["The body here is empty, and the main app always sends one."];
  const text = body.toString();
  if (/^(?:b'|'|")/.test(text.trimStart()) || text.startsWith('{\\"'))
    return ["The body here is quoted, as a program prints it: it is not the bytes that were sent."];
  if (/^\{\s*'/.test(text.trimStart())) return ["The body here is a Python dict: the main app sends JSON."];
  if (!isUtf8(body))
    return ["The body here is not UTF-8, and the main app sends nothing else: something has changed its encoding."];
  try {
    parseJson(text);
    return [];
  } catch {
    return ["The body here is not JSON, and the main app sends nothing else: it may be cut off."];
  }
}

/** Whether the keys of each object are in alphabetical order, and one has enough keys to tell. */
function isSorted(body: Buffer): boolean {
  let value: unknown;
  try {
    value = parseJson(body.toString());
  } catch {
    return false;
  }
  let mostKeys = 0;
  const rest = [value];
  while (rest.length > 0) {
    const next = rest.pop();
    if (typeof next !== "object" || next === null) continue;
    for (const inner of Object.values(next)) rest.push(inner);
    if (Array.isArray(next)) continue;
    const keys = Object.keys(next);
    if (keys.some((key, i) => key < (keys[i - 1] ?? ""))) return false;
    mostKeys = Math.max(mostKeys, keys.length);
  }
  return mostKeys >= FEWEST_KEYS;
}
