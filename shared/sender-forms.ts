/**
 * What a sender may have signed instead of the bytes that it sent.
 *
 * The main app signs JSON with ASCII escapes and then sends the same JSON as plain UTF-8; with an older HTTP client it
 * signs without white space and sends with it (observed: tests/vectors). Both forms can be derived from the raw body by
 * rewriting that leaves the value of any valid JSON text as it was, and a body that is not JSON is refused later.
 */
export type SenderForm = "raw" | "escaped" | "compact";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX = new TextEncoder().encode("0123456789abcdef");
const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The forms other than the raw body that `rawBody` could have been signed in, most likely first. None if it is not UTF-8. */
export function* derivedForms(rawBody: Uint8Array): Generator<[SenderForm, Uint8Array<ArrayBuffer>]> {
  let text: string;
  try {
    text = strictUtf8.decode(rawBody);
  } catch {
    return;
  }
  // An escape is always longer than the bytes it stands for, so equal lengths mean that nothing was rewritten.
  const escaped = rewritten(text, false);
  if (escaped.length !== rawBody.length) yield ["escaped", escaped];
  const compact = rewritten(text, true);
  if (compact.length !== escaped.length) yield ["compact", compact];
}

/** `text` with every UTF-16 unit outside 0x20..0x7e as `\uXXXX`; if `compact`, without white space outside strings. */
function rewritten(text: string, compact: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length * 6);
  let size = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === QUOTE) inString = !inString;
    else if (compact && !inString && isJsonWhiteSpace(unit)) continue;

    if (unit >= 0x20 && unit <= 0x7e) {
      bytes[size++] = unit;
      // Inside a string a backslash always takes the next character with it, so an escaped quote does not end the string.
      const next = text.charCodeAt(i + 1);
      if (unit === BACKSLASH && inString && next >= 0x20 && next <= 0x7e) {
        bytes[size++] = next;
        i++;
      }
    } else {
      bytes[size++] = BACKSLASH;
      bytes[size++] = 0x75;
      for (let shift = 12; shift >= 0; shift -= 4) bytes[size++] = HEX[(unit >> shift) & 0xf] as number;
    }
  }
  return bytes.subarray(0, size);
}

function isJsonWhiteSpace(unit: number): boolean {
  return unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
}
