import { isUtf8 } from "node:buffer";
import { parseJson } from "../sender/parse-json.ts";
import type { RefusedRequest } from "./explain.ts";

const ANOTHER_SECRET =
  "If none passes, the secret is another one: press Generate in the dashboard's App, save it, and give the webhook the same.";

/** What to do if no combination gives the signature. */
export function lastWords(tried: number, { body, contentLength, isLive }: RefusedRequest): string[] {
  const none = `None of ${tried} combinations of secret, timestamp and body gives this signature.`;
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
    "To look at a message as it arrives, and to save it without a change: npx replyhook explain --listen",
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
