import { isUtf8 } from "node:buffer";
import type { Body, Part } from "./body.ts";
import { bodyBytes } from "./body.ts";
import { type Header, type OutgoingRequest, START } from "./outgoing-request.ts";

/** The name of headers that only serve to be many. A number follows it. */
export const FILLER_HEADER = "X-Filler-";

/** The most characters of a line, as far as the parts of a command allow. */
const WIDTH = 116;
const QUOTED_WIDTH = 100;

/** Characters that a terminal does not show, or that a shell does not take. */
const CONTROLS = /((?:(?![\t\n])[\p{Cc}\ufeff])+)/u;

/**
 * Shell commands that sign `request` again with openssl and send it, for people to paste.
 * They never contain the secret: the reader sets `$SECRET`.
 */
export function shellSnippet(request: OutgoingRequest): string {
  const lines: string[] = [];
  const { signing, note } = request;
  if (note) lines.push(`# ${note}`);
  const usesSecret = signing && signing.key === undefined;
  if (usesSecret) lines.push("SECRET='<your webhook secret>'");
  const hasBody = request.body.length > 0;
  if (hasBody) lines.push(`${printBody(request.body)} > body.json`);

  if (signing) {
    const now = signing.offset
      ? `$(($(date +%s) ${signing.offset < 0 ? "-" : "+"} ${Math.abs(signing.offset)}))`
      : "$(date +%s)";
    if (signing.time === undefined) lines.push(`TIME=${now}`);
    else lines.push(`NOW=${now}`, `TIME=${doubleQuoted(signing.time)}`);
    const same = bodyBytes(signing.over).equals(bodyBytes(request.body));
    if (!same) lines.push(`${printBody(signing.over)} > signed.txt`);
    const file = same && hasBody ? "body.json" : same ? "/dev/null" : "signed.txt";
    const key = usesSecret ? '"$SECRET"' : singleQuoted(signing.key ?? "");
    const start = signing.start ?? START;
    const print = start === START ? `printf '%s.' "$TIME"` : `printf '%s' ${doubleQuoted(start)}`;
    const hmac = `{ ${print}; cat ${file}; } | openssl dgst -${signing.hash ?? "sha256"} -hmac ${key}`;
    lines.push(`SIGNATURE=$(${hmac} | sed 's/^.* //')`);
    const used = request.headers.map(([, value]) => value).join();
    if (used.includes("OTHER")) lines.push(`OTHER=$(printf %s "$SIGNATURE" | tr 0-9a-f 1-9a-f0)`);
    if (used.includes("UPPER")) lines.push(`UPPER=$(printf %s "$SIGNATURE" | tr a-f A-F)`);
    if (used.includes("BASE64")) lines.push(`BASE64=$(${hmac} -binary | base64)`);
  }
  return [...lines, ...curl(request, hasBody)].join("\n");
}

/**
 * Shell commands whose long texts continue on further lines, which the shell joins again. Fold only what is masked: a secret that is
 * cut in two would not be found.
 */
export function folded(commands: string): string {
  return commands.replace(/'([^']*)'|"(?:\\.|[^"\\])*"|\\./gs, (token, text?: string) => {
    const pieces = text?.match(new RegExp(`.{1,${QUOTED_WIDTH}}`, "gsu"));
    return pieces ? pieces.map((piece) => `'${piece}'`).join("\\\n") : token;
  });
}

function curl({ url, method, headers }: OutgoingRequest, hasBody: boolean): string[] {
  // `absent` stops curl from adding headers of its own. curl computes the length of the body itself.
  const written = headers.filter(([name, value]) => name.toLowerCase() !== "host" && !value.includes("LENGTH"));
  const fillers = written.filter(([name]) => name.startsWith(FILLER_HEADER)).length;
  const absent = ["Accept", "User-Agent"].filter((name) => !written.some(([key]) => key.toLowerCase() === name.toLowerCase()));
  const args = [
    ...written.filter(([name]) => !name.startsWith(FILLER_HEADER)).map(headerArgument),
    ...(fillers > 0 ? [`$(seq -f '-H ${FILLER_HEADER}%g:x' ${fillers})`] : []),
    ...absent.map((name) => `-H '${name}:'`),
    ...(hasBody ? ["--data-binary @body.json"] : []),
  ];
  // With -X HEAD, curl would wait for a body.
  const asked = method === "HEAD" ? "--head" : `-X ${method}`;
  const lines = inLines([`curl -i --compressed ${asked} ${singleQuoted(withoutUserInfo(url))}`, ...args]);
  return lines.map((line, i) => `${i === 0 ? "" : "  "}${line}${i < lines.length - 1 ? " \\" : ""}`);
}

/** As many parts on each line as fit. */
function inLines(parts: readonly string[]): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const joined = `${lines.at(-1)} ${part}`;
    if (lines.length > 0 && joined.length <= WIDTH - "   \\".length) lines[lines.length - 1] = joined;
    else lines.push(part);
  }
  return lines;
}

/** A shell command that prints the bytes of `body`. */
function printBody(body: Body): string {
  const commands = body.flatMap(pasteable).map(printPart);
  if (commands.length === 0) return ":";
  return commands.length === 1 ? (commands[0] as string) : `{ ${commands.join("; ")}; }`;
}

/** `part` in texts that can be pasted, and in bytes. */
function pasteable(part: Part): Part[] {
  if (part instanceof Uint8Array) return isUtf8(part) ? pasteable(Buffer.from(part).toString()) : [part];
  if (typeof part !== "string") return [part];
  const pieces = part.split(CONTROLS).map((piece, i) => (i % 2 === 0 ? piece : Buffer.from(piece)));
  return pieces.filter((piece) => piece.length > 0);
}

function printPart(part: Part): string {
  if (typeof part === "string") return `printf '%s' ${singleQuoted(part)}`;
  if (part instanceof Uint8Array) return printOctal(part);
  const { repeat, times } = part;
  return `yes ${singleQuoted(repeat)} | head -n ${times} | tr -d '\\n'`;
}

function printOctal(bytes: Uint8Array): string {
  return `printf '${Array.from(bytes, (byte) => `\\${byte.toString(8).padStart(3, "0")}`).join("")}'`;
}

function singleQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** `text` in double quotes. The shell replaces only our own variables in it. */
function doubleQuoted(text: string): string {
  return `"${text.replace(/["\\`]|\$(?!\{(?:NOW|TIME|SIGNATURE|OTHER|UPPER|BASE64)(?::\d+:\d+)?\})/g, "\\$&")}"`;
}

function headerArgument([name, value]: Header): string {
  const filler = /^(.)\1{999,}$/.exec(value);
  if (filler) return `-H "${name}: $(yes '${filler[1]}' | head -n ${value.length} | tr -d '\\n')"`;
  // curl leaves out a header without a value, unless a semicolon follows its name.
  return `-H ${doubleQuoted(value === "" ? `${name};` : `${name}: ${value}`)}`;
}

function withoutUserInfo(url: URL): string {
  const shown = new URL(url);
  shown.username = "";
  shown.password = "";
  return shown.href;
}
