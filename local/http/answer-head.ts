import { notHttp } from "./unreadable-answer.ts";

/** The head of an HTTP/1.1 answer. Header names are as sent. A header that was sent twice is there twice. */
export interface AnswerHead {
  readonly version: string;
  readonly status: number;
  readonly headers: readonly Field[];
}

type Field = readonly [name: string, value: string];

// What httpx accepts: stricter than the standard in some places, more liberal in others.
const STATUS_LINE = /^HTTP\/([0-9]\.[0-9]) ([0-9]{3})(?: [^\0\n\v\f\r]*)?$/;
const NAME = /^[-!#$%&'*+.^_`|~0-9a-zA-Z]+$/;
const VALUE = /^[^\0\n\v\f\r]*$/;
const LENGTH = /^[0-9]{1,20}$/;
const LOWEST_STATUS = 100;
const SWITCHING_PROTOCOLS = 101;

/** The head in these lines. Throws an UnreadableAnswer if the main app cannot read it. */
export function headOf([statusLine = "", ...lines]: readonly string[]): AnswerHead {
  const [, version, digits] = STATUS_LINE.exec(statusLine) ?? [];
  const status = Number(digits);
  if (!version || status < LOWEST_STATUS) throw notHttp("its status line is", statusLine);
  if (status === SWITCHING_PROTOCOLS) throw notHttp("status 101 switches to another protocol");
  return { version, status, headers: fieldsOf(lines) };
}

/** The fields in the lines of a head or a trailer. */
export function fieldsOf(lines: readonly string[]): Field[] {
  const fields = unfolded(lines).map(fieldOf);
  lengthIn(fields);
  const [encoding, ...others] = valuesOf(fields, "transfer-encoding");
  if (others.length > 0) throw notHttp("Transfer-Encoding is there twice");
  if (encoding !== undefined && encoding.toLowerCase() !== "chunked")
    throw notHttp("a Transfer-Encoding other than chunked", encoding);
  return fields;
}

/** A line that begins with a space or a tab continues the line before it. */
function unfolded(lines: readonly string[]): string[] {
  const whole: string[][] = [];
  for (const line of lines) {
    if (!/^[ \t]/.test(line)) whole.push([line]);
    else if (whole.length === 0) throw notHttp("white space before the first header", line);
    else whole.at(-1)?.push(line.replace(/^[ \t]+/, ""));
  }
  return whole.map((parts) => parts.join(" "));
}

function fieldOf(line: string): Field {
  const colon = line.indexOf(":");
  if (colon === -1) throw notHttp("a header line without a colon", line);
  const [name, value] = [line.slice(0, colon), withoutSpaces(line.slice(colon + 1))];
  if (/[ \t]$/.test(name)) throw notHttp("white space before the colon of a header", line);
  if (!NAME.test(name)) throw notHttp("a header name that is empty or has a forbidden character", line);
  if (!VALUE.test(value)) throw notHttp("a control character in a header value", line);
  return [name, value];
}

/** Not a regular expression: on many spaces before a letter, it would take quadratic time. */
function withoutSpaces(text: string): string {
  const isSpace = (char: string | undefined) => char === " " || char === "\t";
  let [start, end] = [0, text.length];
  while (isSpace(text[start])) start++;
  while (end > start && isSpace(text[end - 1])) end--;
  return text.slice(start, end);
}

/** The number in Content-Length. It may be there twice, or as a list, if all numbers are equal. */
function lengthIn(fields: readonly Field[]): number | undefined {
  const values = valuesOf(fields, "content-length").flatMap((value) => value.split(",").map(withoutSpaces));
  const [length, ...others] = new Set(values);
  if (length === undefined) return undefined;
  if (others.length > 0) throw notHttp("two different values of Content-Length", values.join(", "));
  if (!LENGTH.test(length)) throw notHttp("a Content-Length that is not a number", length);
  return Number(length);
}

/** What follows the head: this many bytes, chunks, or bytes until the connection is closed. */
export function bodyAfter({ status, headers }: AnswerHead, method: string): number | "chunks" | "until close" {
  if (method === "HEAD" || status === 204 || status === 304) return 0;
  if (valuesOf(headers, "transfer-encoding").length > 0) return "chunks";
  return lengthIn(headers) ?? "until close";
}

/** The value of a header; `name` is in lower case. If it was sent twice, both values with a comma between them. */
export function headerOf(head: AnswerHead, name: string): string | undefined {
  const values = valuesOf(head.headers, name);
  return values.length > 0 ? values.join(", ") : undefined;
}

function valuesOf(fields: readonly Field[], name: string): string[] {
  return fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}
