const BOMS: readonly (readonly [encoding: string, bytes: readonly number[]])[] = [
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** The text of JSON in UTF-8 or UTF-16, with or without a byte order mark. Throws an Error with Python's words (observed). */
export function decodeJsonBytes(bytes: Uint8Array): string {
  for (const [encoding, bom] of BOMS)
    if (bom.every((byte, i) => bytes[i] === byte)) return decode(encoding, bytes.subarray(bom.length));
  if (bytes.length >= 2 && bytes[0] === 0) return decode("utf-16be", bytes);
  if (bytes.length >= 2 && bytes[1] === 0) return decode("utf-16le", bytes);
  return decode("utf-8", bytes);
}

function decode(encoding: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Error(encoding === "utf-8" ? utf8Error(bytes) : `'${encoding}' codec can't decode the body`);
  }
}

function utf8Error(bytes: Uint8Array): string {
  const { at, length, reason } = firstUtf8Error(bytes);
  const hex = bytes[at]?.toString(16).padStart(2, "0");
  const where = length === 1 ? `byte 0x${hex} in position ${at}` : `bytes in position ${at}-${at + length - 1}`;
  return `'utf-8' codec can't decode ${where}: ${reason}`;
}

function firstUtf8Error(bytes: Uint8Array): { at: number; length: number; reason: string } {
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at] as number;
    const size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (size === 0) return { at, length: 1, reason: "invalid start byte" };
    for (let i = 1; i < size; i++) {
      const byte = bytes[at + i];
      if (byte === undefined) return { at, length: i, reason: "unexpected end of data" };
      const [low, high] = i === 1 ? secondByte(lead) : [0x80, 0xbf];
      if (byte < low || byte > high) return { at, length: i, reason: "invalid continuation byte" };
    }
    at += size;
  }
  throw new TypeError("the bytes are UTF-8");
}

/** The range of the second byte: some lead bytes would begin an overlong form, a surrogate, or more than U+10FFFF. */
function secondByte(lead: number): readonly [number, number] {
  if (lead === 0xe0) return [0xa0, 0xbf];
  if (lead === 0xed) return [0x80, 0x9f];
  if (lead === 0xf0) return [0x90, 0xbf];
  if (lead === 0xf4) return [0x80, 0x8f];
  return [0x80, 0xbf];
}

/** How the main app shows the start of a body: in the charset of its Content-Type, broken characters replaced (observed). */
export function replacedText(bytes: Uint8Array, contentType = ""): string {
  const [, charset = "utf-8"] = /charset="?([^";\s]+)/i.exec(contentType) ?? [];
  // WHATWG reads this label as windows-1252.
  if (/^(?:iso-?8859-1|latin-?1)$/i.test(charset)) return Buffer.from(bytes).toString("latin1");
  try {
    return new TextDecoder(charset, { ignoreBOM: true }).decode(bytes);
  } catch {
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  }
}

/** The first `count` characters, as Python counts them: a character outside the BMP is one. */
export function firstCharacters(text: string, count: number): string {
  return [...text.slice(0, 2 * count)].slice(0, count).join("");
}
