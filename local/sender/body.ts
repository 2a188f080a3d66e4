/**
 * One part of a request body: text, other bytes, or a repeated text. In parts, even a body of many megabytes can be
 * printed by a short shell command.
 */
export type Part = string | Uint8Array | { readonly repeat: string; readonly times: number };
export type Body = readonly Part[];

export function bodyBytes(body: Body): Buffer {
  return Buffer.concat(body.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(partBytes(part)))));
}

function partBytes(part: Exclude<Part, string>): Uint8Array {
  return part instanceof Uint8Array ? part : Buffer.from(part.repeat.repeat(part.times));
}

/** `body` with `rewrite` applied to each text in it. */
export function mapText(body: Body, rewrite: (text: string) => string): Body {
  return body.map((part) => {
    if (typeof part === "string") return rewrite(part);
    return part instanceof Uint8Array ? part : { repeat: rewrite(part.repeat), times: part.times };
  });
}

/** `text` with `marker` replaced by `times` repetitions of `repeat`. */
export function withRepeated(text: string, marker: string, repeat: string, times: number): Body {
  const at = text.indexOf(marker);
  return [text.slice(0, at), { repeat, times }, text.slice(at + marker.length)];
}
