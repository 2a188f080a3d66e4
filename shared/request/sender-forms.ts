/**
 * What a sender may have signed instead of the raw body.
 *
 * The main app signs JSON with ASCII escapes and then sends the same JSON as plain UTF-8. With an older HTTP client, it
 * signs without white space and sends with it (seen: tests/vectors). Both forms can be derived from the raw body. The
 * rewriting leaves the value of any valid JSON text as it was, and a body that is not JSON is refused later.
 */
export type SenderForm = "raw" | "escaped" | "compact";

/** Kinds of bytes. The first four are the printable ASCII characters. */
const PLAIN = 0;
const SPACE = 1;
const QUOTE = 2;
const BACKSLASH = 3;
/** Tab, line feed and carriage return: with the space, JSON's white space. */
const WHITE_CONTROL = 4;
const CONTROL = 5;
/** A byte of a character outside ASCII. */
const WIDE = 6;

const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte > 0x7f) return WIDE;
  if (byte === 0x20) return SPACE;
  if (byte === 0x22) return QUOTE;
  if (byte === 0x5c) return BACKSLASH;
  if (byte === 0x09 || byte === 0x0a || byte === 0x0d) return WHITE_CONTROL;
  return byte < 0x20 || byte === 0x7f ? CONTROL : PLAIN;
});

/** A printable byte. */
const PADDING = 0x20;

/** The length of `\u` and four hex digits, which escape one UTF-16 unit. */
const ESCAPE_BYTES = 6;
const ESCAPE_START = 0x5c75;
/** The two hex digits of each byte, as one big-endian number. */
const HEX_PAIRS = Uint16Array.from({ length: 256 }, (_, byte) => {
  const [high = 0, low = 0] = new TextEncoder().encode(byte.toString(16).padStart(2, "0"));
  return (high << 8) | low;
});

/**
 * The bytes that the HMAC may cover: `prefix` and the raw body, then `prefix` and each other form of the body, most likely
 * first. A form that equals an earlier one is left out. A body that is not UTF-8 has no other form.
 */
export function* signedBytesByForm(
  prefix: Uint8Array,
  rawBody: Uint8Array,
): Generator<[form: SenderForm, message: Uint8Array<ArrayBuffer>]> {
  // The body is copied to a multiple of eight: to a place between, workerd takes over ten times as long for each byte.
  const bodyStart = Math.ceil(prefix.length / 8) * 8;
  const padded = new Uint8Array(bodyStart + rawBody.length).fill(PADDING, 0, bodyStart);
  const messageStart = bodyStart - prefix.length;
  padded.set(prefix, messageStart);
  padded.set(rawBody, bodyStart);
  yield ["raw", padded.subarray(messageStart)];
  // Measured before a form is built: a stranger's megabyte of ASCII then costs only one quick pass.
  const changes = isPrintable(padded) ? { added: 0, removed: spacesOutsideStrings(rawBody) } : changesOf(rawBody);
  if (!changes) return;
  const { added, removed } = changes;
  if (added > 0) yield ["escaped", rewritten(prefix, rawBody, rawBody.length + added, false)];
  if (removed > 0) yield ["compact", rewritten(prefix, rawBody, rawBody.length + added - removed, true)];
}

/** Whether all bytes, from the start of their buffer on, are printable ASCII. Four at a time: it is a third of the work. */
function isPrintable(bytes: Uint8Array<ArrayBuffer>): boolean {
  const words = new Int32Array(bytes.buffer, 0, bytes.length >> 2);
  // The highest bit of a byte is set in one of the three if it is above 0x7f, below 0x20, or 0x7f.
  for (let at = 0, { length } = words; at < length; at++) {
    const word = words[at] as number;
    if (((word | (word - 0x20202020) | (word + 0x01010101)) & 0x80808080) !== 0) return false;
  }
  return bytes.subarray(words.length << 2).every((byte) => byte >= 0x20 && byte <= 0x7e);
}

/** How many spaces a body of printable ASCII has outside strings, which are skipped from quote to quote. */
function spacesOutsideStrings(body: Uint8Array): number {
  let spaces = 0;
  for (let at = 0, { length } = body; at < length; at++) {
    const byte = body[at];
    if (byte === 0x20) spaces++;
    else if (byte === 0x22) at = endOfString(body, at);
  }
  return spaces;
}

/** Where the string that begins at `start` has its closing quote; the end of the body if it has none. */
function endOfString(body: Uint8Array, start: number): number {
  for (let at = body.indexOf(0x22, start + 1); at !== -1; at = body.indexOf(0x22, at + 1)) {
    let backslashes = 0;
    while (body[at - 1 - backslashes] === 0x5c) backslashes++;
    // Two of them are one that was escaped: an even number leaves the quote as it is.
    if (backslashes % 2 === 0) return at;
  }
  return body.length;
}

/** How many bytes the escapes add, and how many of the resulting bytes are white space outside strings. */
function changesOf(body: Uint8Array): { added: number; removed: number } | undefined {
  let added = 0;
  let removed = 0;
  let inString = false;
  // The length is read once: reading it at each byte takes a third of the time.
  for (let at = 0, { length } = body; at < length; at++) {
    const kind = kindOf(body[at] as number);
    if (kind === PLAIN) continue;
    if (kind === SPACE) {
      if (!inString) removed++;
    } else if (kind === QUOTE) inString = !inString;
    else if (kind === BACKSLASH) {
      if (inString && canBeEscaped(body, at + 1)) at++;
    } else if (kind === WIDE) {
      const point = codePointAt(body, at);
      if (point === -1) return undefined;
      const further = furtherBytes(point);
      added += (further === 3 ? 2 * ESCAPE_BYTES : ESCAPE_BYTES) - 1 - further;
      at += further;
    } else {
      added += ESCAPE_BYTES - 1;
      if (kind === WHITE_CONTROL && !inString) removed += ESCAPE_BYTES;
    }
  }
  return { added, removed };
}

/**
 * `prefix`, then in `size` bytes the body with every UTF-16 unit outside 0x20..0x7e as `\uXXXX`; if `compact`, without
 * white space outside strings.
 */
function rewritten(prefix: Uint8Array, body: Uint8Array, size: number, compact: boolean): Uint8Array<ArrayBuffer> {
  const message = withRoom(prefix, size);
  const view = new DataView(message.buffer);
  let end = prefix.length;
  let inString = false;
  for (let at = 0, { length } = body; at < length; at++) {
    const byte = body[at] as number;
    const kind = kindOf(byte);
    if (compact && !inString && (kind === SPACE || kind === WHITE_CONTROL)) continue;
    if (kind <= BACKSLASH) {
      message[end++] = byte;
      if (kind === QUOTE) inString = !inString;
      // Inside a string a backslash always takes the next character with it, so an escaped quote does not end the string.
      else if (kind === BACKSLASH && inString && canBeEscaped(body, at + 1)) message[end++] = body[++at] as number;
      continue;
    }
    if (kind !== WIDE) {
      end = writeEscape(view, end, byte);
      continue;
    }
    const point = codePointAt(body, at);
    at += furtherBytes(point);
    if (point < 0x10000) end = writeEscape(view, end, point);
    else {
      end = writeEscape(view, end, 0xd7c0 + (point >> 10));
      end = writeEscape(view, end, 0xdc00 | (point & 0x3ff));
    }
  }
  return message;
}

/** Writes `\uXXXX` for a UTF-16 unit, and returns where it ends. */
function writeEscape(view: DataView, at: number, unit: number): number {
  view.setUint16(at, ESCAPE_START);
  view.setUint32(at + 2, ((HEX_PAIRS[unit >> 8] as number) << 16) | (HEX_PAIRS[unit & 0xff] as number));
  return at + ESCAPE_BYTES;
}

function withRoom(prefix: Uint8Array, size: number): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(prefix.length + size);
  message.set(prefix);
  return message;
}

/** Whether the byte there is a printable ASCII character, which a backslash can escape. There is none past the end. */
function canBeEscaped(body: Uint8Array, at: number): boolean {
  return kindOf(body[at] as number) <= BACKSLASH;
}

function kindOf(byte: number): number {
  return KINDS[byte] as number;
}

/**
 * The character outside ASCII that begins at `at`; -1 if that is no UTF-8 (RFC 3629: shortest form, no surrogates).
 * Written out for each length, because a long text outside ASCII spends its time here.
 */
function codePointAt(body: Uint8Array, at: number): number {
  const lead = body[at] as number;
  const second = continuation(body, at + 1);
  // Where a continuation byte is missing, its -1 makes the whole number negative.
  if (lead < 0xe0) return lead < 0xc2 ? -1 : ((lead & 0x1f) << 6) | second;
  const third = continuation(body, at + 2);
  if (lead < 0xf0) {
    const point = ((lead & 0xf) << 12) | (second << 6) | third;
    return point < 0x800 || (point & 0xf800) === 0xd800 ? -1 : point;
  }
  const fourth = continuation(body, at + 3);
  const point = ((lead & 0x7) << 18) | (second << 12) | (third << 6) | fourth;
  return lead > 0xf4 || point < 0x10000 || point > 0x10ffff ? -1 : point;
}

/** The six bits of a continuation byte, or -1 if there is none. */
function continuation(body: Uint8Array, at: number): number {
  const byte = body[at] as number;
  return (byte & 0xc0) === 0x80 ? byte & 0x3f : -1;
}

/** How many bytes a character outside ASCII has after its first. */
function furtherBytes(point: number): number {
  if (point < 0x800) return 1;
  return point < 0x10000 ? 2 : 3;
}
