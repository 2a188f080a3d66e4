import { UsageError } from "../usage-error.ts";

/** The headers of a saved request that matter to its signature. */
export interface SavedHeaders {
  readonly timestamp?: string | undefined;
  readonly signature?: string | undefined;
  readonly contentLength?: string | undefined;
}

const FORM = "Write each header on a line of its own, such as\nX-Timestamp: 1767268800\nX-Signature: sha256=…";
const SIGNATURE_NAMES = ["X-Timestamp", "X-Signature"];

/**
 * Reads lines of `Name: value`, also those that a mail or `curl -v` quotes with `> `, in UTF-8 or UTF-16. `file` names them in
 * an error. Throws a `UsageError` if they have another form: else a header that is there would be called missing.
 */
export function readHeaderLines(bytes: Buffer, file: string): SavedHeaders {
  const text = decoded(bytes, file);
  const headers = new Map<string, string[]>();
  let others = "";
  for (const line of text.split("\n")) {
    const plain = line.replace(/^[\s<>]+/, "");
    const colon = plain.indexOf(":");
    const name = plain.slice(0, Math.max(0, colon)).trim().toLowerCase();
    if (/^[\w-]+$/.test(name)) headers.set(name, [...(headers.get(name) ?? []), plain.slice(colon + 1).trim()]);
    else others += `${plain}\n`;
  }
  if (headers.size === 0) throw new UsageError(`${file} has no headers in it${looksLike(text)}. ${FORM}`);
  const hidden = SIGNATURE_NAMES.find((name) => {
    return !headers.has(name.toLowerCase()) && new RegExp(name.replace("-", "[-_]"), "i").test(others);
  });
  if (hidden) throw new UsageError(`${file} names ${hidden}, but not as a header${looksLike(text)}. ${FORM}`);
  // A header that was sent twice is joined, as HTTP libraries do.
  const value = (name: string) => headers.get(name)?.join(", ");
  return { timestamp: value("x-timestamp"), signature: value("x-signature"), contentLength: value("content-length") };
}

function decoded(bytes: Buffer, file: string): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  if (bytes.includes(0)) throw new UsageError(`${file} is not UTF-8 text. Save it again as UTF-8.`);
  // Without the byte order mark that Windows editors write.
  return new TextDecoder().decode(bytes);
}

function looksLike(text: string): string {
  if (/HTTP_X_/.test(text)) return ": it looks like the variables of WSGI or CGI";
  if (/['"]x-(?:timestamp|signature)['"]/i.test(text)) return `: it looks like ${/'x-/i.test(text) ? "a Python dict" : "JSON"}`;
  return /^[[{]/.test(text.trimStart()) ? ": it looks like JSON" : "";
}
