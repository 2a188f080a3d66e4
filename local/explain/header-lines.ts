import { UsageError } from "../usage-error.ts";

/** The headers of a saved request that matter to its signature. */
export interface SavedHeaders {
  readonly timestamp?: string | undefined;
  readonly signature?: string | undefined;
  readonly contentLength?: string | undefined;
  readonly appId?: string | undefined;
}

const FORM = "Write each header on a line of its own, such as\nX-Timestamp: 1767268800\nX-Signature: sha256=…";
const SIGNATURE_NAMES = ["X-Timestamp", "X-Signature"];
/** A whole value, and a part of it: only such parts on several lines are put together. */
const VALUES: Readonly<Record<string, { whole: RegExp; part: RegExp }>> = {
  "x-timestamp": { whole: /^\d{10}$/, part: /^\d+$/ },
  "x-signature": { whole: /^sha256=[0-9a-f]{64}$/i, part: /^(?:sha256=)?[0-9a-f]*$/i },
};

/**
 * Reads lines of `Name: value`, in UTF-8 or UTF-16: also those that a mail quotes and wraps, all that `curl -v` prints, CGI's
 * names, and values in quotes or on the next line. `file` names them in an error. Throws a `UsageError` if they have another
 * form: else a header that is there would be called missing.
 */
export function readHeaderLines(bytes: Buffer, file: string): SavedHeaders {
  const text = decoded(bytes, file);
  const lines = requestLines(text);
  const headers = new Map<string, string[]>();
  const others: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    const name = nameIn(line);
    if (name === undefined) {
      others.push(line);
      continue;
    }
    let value = line.slice(line.indexOf(":") + 1).trim();
    const follows = () => {
      const next = lines[at + 1];
      return next && nameIn(next) === undefined ? next : undefined;
    };
    if (value === "" && follows()) value = lines[++at] as string;
    const { whole, part } = VALUES[name] ?? {};
    if (whole && part?.test(value) && !whole.test(value) && part.test(follows() ?? "-")) {
      while (!whole.test(value) && part.test(follows() ?? "-")) value += lines[++at];
      if (!whole.test(value))
        throw new UsageError(`${file} has ${nameOf(name)} on several lines, and they are not a whole value. ${FORM}`);
    }
    headers.set(name, [...(headers.get(name) ?? []), value.replace(/^(["'])(.*)\1,?$/, "$2")]);
  }
  if (headers.size === 0) throw new UsageError(`${file} has no headers in it${looksLike(text)}. ${FORM}`);
  const hidden = SIGNATURE_NAMES.find((name) => !headers.has(name.toLowerCase()) && isHidden(name, others, headers));
  if (hidden) throw new UsageError(`${file} names ${hidden}, but not as a header${looksLike(text)}. ${FORM}`);
  // A header that was sent twice is joined, as HTTP libraries do.
  const value = (name: string) => headers.get(name)?.join(", ");
  return {
    timestamp: value("x-timestamp"),
    signature: value("x-signature"),
    contentLength: value("content-length"),
    appId: value("x-app-id") || undefined,
  };
}

/** The lines of the request, without the marks of a mail and of curl before them. */
function requestLines(text: string): string[] {
  let lines = text.split(/\r\n|\r|\n/).map((line) => line.trim());
  // A quote of curl's output has two marks.
  while (lines.some(Boolean) && lines.every((line) => /^(?:>|$)/.test(line))) lines = lines.map((line) => line.slice(1).trim());
  // In curl's output, only the lines with > are the request.
  if (lines.some((line) => line.startsWith("<"))) {
    const asked = lines.filter((line) => line.startsWith(">"));
    if (asked.length > 0) lines = asked;
  }
  return lines.map((line) => line.replace(/^[\s<>]+/, ""));
}

/** The header's name in a line of `Name: value`, in lower case. CGI writes it as HTTP_NAME. */
function nameIn(line: string): string | undefined {
  const [, name] = /^([\w-]+)[ \t]*:/.exec(line) ?? [];
  return name
    ?.toLowerCase()
    .replaceAll("_", "-")
    .replace(/^http-(?=x-)/, "");
}

function nameOf(lowerCase: string): string {
  return SIGNATURE_NAMES.find((name) => name.toLowerCase() === lowerCase) ?? lowerCase;
}

/** Whether a header is there in a form that is not read. In the value of another header, a name alone says nothing (Vary). */
function isHidden(name: string, others: readonly string[], headers: ReadonlyMap<string, readonly string[]>): boolean {
  const pattern = name.replace("-", "[-_]");
  const values = [...headers.values()].flat();
  return new RegExp(pattern, "i").test(others.join("\n")) || new RegExp(`${pattern}["']?\\s*[=:]`, "i").test(values.join("\n"));
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
  if (/^[ \t]*\w+: '/m.test(text) && /'x-/i.test(text)) return ": it looks like a Node object";
  if (/['"]x-(?:timestamp|signature)['"]/i.test(text)) return `: it looks like ${/'x-/i.test(text) ? "a Python dict" : "JSON"}`;
  return /^[[{]/.test(text.trimStart()) ? ": it looks like JSON" : "";
}
