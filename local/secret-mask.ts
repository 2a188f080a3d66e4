/**
 * Replaces `secret` by `name` in a text. It finds the secret as it is, as JSON, percent-encoded, as HTML, in hex, and in
 * base64 with any text before and after it. White space and quotes around the secret are ignored: the peer may have
 * the secret without them. A secret of fewer than `shortest` characters is not replaced.
 */
export function maskFor(secret: string, name: string, shortest: number): (text: string) => string {
  const bare = withoutWrapping(secret);
  if (bare.length < shortest) return (text) => text;
  const bytes = Buffer.from(bare);
  const forms = [...bare].map(spellings).join("");
  const pattern = new RegExp([forms, hexForm(bytes), ...[0, 1, 2].map((before) => base64Form(bytes, before))].join("|"), "g");
  return (text) => text.replace(pattern, () => name);
}

function withoutWrapping(secret: string): string {
  const trimmed = secret.trim();
  const [first = "", last] = [trimmed[0], trimmed.at(-1)];
  return trimmed.length > 2 && first === last && `"'`.includes(first) ? trimmed.slice(1, -1) : trimmed;
}

const HTML: Record<string, string> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };
/** JSON inside JSON doubles the backslashes, each time. */
const BACKSLASHES = "\\\\{1,8}";

/** A pattern for every way to write one character. */
function spellings(char: string): string {
  const units = [...Array(char.length).keys()].map((i) => char.charCodeAt(i));
  const ways = [
    units.map((unit) => `\\u${hex(unit, 4)}`),
    units.map((unit) => `${BACKSLASHES}u${anyCase(hex(unit, 4))}`),
    [...Buffer.from(char)].map((byte) => `%${anyCase(hex(byte, 2))}`),
    // UTF-8 that was read as Latin-1, as header values are.
    [...Buffer.from(char)].map((byte) => `\\u${hex(byte, 4)}`),
  ].map((parts) => parts.join(""));
  const json = JSON.stringify(char).slice(1, -1);
  if (json.startsWith("\\")) ways.push(`${BACKSLASHES}${char === "\\" ? "" : `\\u${hex(json.charCodeAt(1), 4)}`}`);
  if (char === "/") ways.push(`${BACKSLASHES}/`);
  if (char === " ") ways.push("\\+");
  const code = char.codePointAt(0) as number;
  if (/[^\w-]/.test(char)) ways.push(`&(?:#0{0,6}${code}|#[xX]0{0,6}${anyCase(code.toString(16))}|${HTML[char] ?? "#"});`);
  return `(?:${ways.join("|")})`;
}

function hexForm(bytes: Buffer): string {
  return [...bytes].map((byte) => anyCase(hex(byte, 2))).join("");
}

const BASE64_CHAR = "[\\w+/-]?";

/** The secret in base64 after `before` bytes, or three more, six more and so on. Also the characters with only some of its bits. */
function base64Form(bytes: Buffer, before: number): string {
  const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString("base64");
  const known = encoded.slice([0, 2, 3][before], Math.floor(((before + bytes.length) * 8) / 6));
  const urlSafe: Record<string, string> = { "+": "-", "/": "_" };
  const chars = [...known].map((char) => (urlSafe[char] ? `(?:${spellings(char)}|${urlSafe[char]})` : char));
  return `${before === 0 ? "" : BASE64_CHAR}${chars.join("")}${BASE64_CHAR}(?:=|%3[dD]){0,2}`;
}

function hex(number: number, digits: number): string {
  return number.toString(16).padStart(digits, "0");
}

/** A pattern for hex digits in either case. */
function anyCase(digits: string): string {
  return digits.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`);
}
