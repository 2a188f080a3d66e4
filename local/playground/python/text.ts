import { InternalError } from "../http-error.ts";
import type { PythonValue } from "./value.ts";

/** From here on, and below 1e-4, Python writes a float with an exponent. JavaScript does from 1e21 on, and below 1e-6. */
const FIRST_EXPONENT = 16;
const LAST_EXPONENT = -5;

/** A float as Python writes it: the same digits as JavaScript, another notation. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (Object.is(value, -0)) return "-0.0";
  const [digits = "", exponentText] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent < FIRST_EXPONENT && exponent > LAST_EXPONENT) {
    const plain = String(value);
    return plain.includes(".") ? plain : `${plain}.0`;
  }
  return `${digits}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
}

/** Python's `str()`: what the main app stores for a reply that is no string (observed). */
export function pythonStr(value: PythonValue): string {
  return typeof value === "string" ? value : pythonRepr(value);
}

export function pythonRepr(value: PythonValue): string {
  if (value === null) return "None";
  if (value === true) return "True";
  if (value === false) return "False";
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number") return floatText(value);
  if (typeof value === "string") return quoted(value);
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  return `{${[...value].map(([key, member]) => `${quoted(key)}: ${pythonRepr(member)}`).join(", ")}}`;
}

const SHORT: Record<string, string> = { "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };
/** What Python does not print as it is: control, format, private and unassigned characters, and every space but U+0020. */
const UNPRINTABLE = /[\p{C}\p{Z}]/u;

/** In single quotes, or in double quotes if that saves an escape. */
function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let inside = "";
  for (const char of text) {
    if (char === quote) inside += `\\${char}`;
    else if (SHORT[char]) inside += SHORT[char];
    else inside += char !== " " && UNPRINTABLE.test(char) ? escapeOf(char.codePointAt(0) as number) : char;
  }
  return quote + inside + quote;
}

function escapeOf(code: number): string {
  const [letter, digits] = code < 0x100 ? ["x", 2] : code < 0x10000 ? ["u", 4] : ["U", 8];
  return `\\${letter}${code.toString(16).padStart(digits, "0")}`;
}

/**
 * Compact JSON in plain UTF-8: what the main app sends and answers. Throws an InternalError where Python would throw: NaN and the
 * infinities are no JSON, and a lone surrogate has no UTF-8.
 */
export function compactJson(value: PythonValue): string {
  if (value === null || typeof value === "boolean" || typeof value === "bigint") return String(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new InternalError("NaN and the infinities are no JSON");
    return floatText(value);
  }
  if (typeof value === "string") {
    if (!value.isWellFormed()) throw new InternalError("a lone surrogate has no UTF-8");
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(compactJson).join(",")}]`;
  return `{${[...value].map(([key, member]) => `${compactJson(key)}:${compactJson(member)}`).join(",")}}`;
}
