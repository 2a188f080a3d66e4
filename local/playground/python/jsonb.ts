import { InternalError } from "../http-error.ts";
import type { PythonDict, PythonValue } from "./value.ts";

/** PostgreSQL refuses to store the value, so the main app answers 500 (observed). */
export class NotStorable extends InternalError {}

/** What comes back of a `content_json` once PostgreSQL has stored it as JSONB (observed). Throws {@link NotStorable}. */
export function throughJsonb(value: PythonDict): PythonDict {
  return stored(value) as PythonDict;
}

function stored(value: PythonValue): PythonValue {
  if (typeof value === "number") return storedNumber(value);
  if (typeof value === "string") return storableText(value);
  if (Array.isArray(value)) return value.map(stored);
  if (!(value instanceof Map)) return value;
  const members = [...value].map(([key, member]) => ({ bytes: Buffer.from(storableText(key)), key, member: stored(member) }));
  members.sort((a, b) => a.bytes.length - b.bytes.length || Buffer.compare(a.bytes, b.bytes));
  return new Map(members.map(({ key, member }) => [key, member]));
}

/** PostgreSQL keeps a number in decimal, without an exponent. So a large float comes back as an int, and there is no -0.0. */
function storedNumber(value: number): PythonValue {
  if (!Number.isFinite(value)) throw new NotStorable("NaN and the infinities are not stored");
  if (value === 0) return 0;
  const [digits = "", exponent] = value.toExponential().split("e");
  const [whole = "", fraction = ""] = digits.split(".");
  // The exponent with which Python begins to write no decimal point.
  if (Number(exponent) < 16) return value;
  return BigInt(whole + fraction.padEnd(Number(exponent), "0"));
}

/** The text, if PostgreSQL can store it: a lone surrogate and U+0000 it cannot. */
export function storableText(text: string): string {
  if (!text.isWellFormed()) throw new NotStorable("a lone surrogate is not stored");
  if (text.includes("\0")) throw new NotStorable("U+0000 is not stored");
  return text;
}
