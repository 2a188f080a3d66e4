import { decodeJsonBytes } from "./decode.ts";
import type { PythonDict, PythonValue } from "./value.ts";

/** The text is not JSON for Python. The message is the one that Python gives (observed). */
export class JsonDecodeError extends Error {
  /** What is wrong, without the place. */
  readonly problem: string;
  /** The place, in characters. */
  readonly position: number;

  constructor(problem: string, text: string, at: number) {
    const lines = text.slice(0, at).split("\n");
    const position = lengthOf(text.slice(0, at));
    super(`${problem}: line ${lines.length} column ${lengthOf(lines.at(-1) ?? "") + 1} (char ${position})`);
    this.problem = problem;
    this.position = position;
  }
}

/** The length in characters, as Python counts them: a pair of surrogates is one. */
function lengthOf(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

/**
 * Reads JSON as Python's json module does. Not JSON.parse: that moves keys such as "9" to the front, rounds large integers,
 * has no NaN, and its errors are not those that the main app shows.
 */
export function parsePythonJson(json: string | Uint8Array): PythonValue {
  const parser = new Parser(typeof json === "string" ? json : decodeJsonBytes(json));
  return parser.whole();
}

const SHORT_ESCAPES: Record<string, string> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", '"': '"', "\\": "\\", "/": "/" };
const WORDS: readonly (readonly [word: string, value: PythonValue])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
];
const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON forbids
const PLAIN = /[^"\\\u0000-\u001f]*/y;
const HEX = /[0-9a-fA-F]{4}/y;

/** Python gives up on deeper lists and objects (observed). */
const MAX_DEPTH = 990;

/** Python reads no longer integers: to convert them takes quadratic time (observed). */
const MAX_DIGITS = 4300;

function integerIn(text: string): bigint {
  const { length } = text.replace("-", "");
  if (length <= MAX_DIGITS) return BigInt(text);
  const advice = "use sys.set_int_max_str_digits() to increase the limit";
  throw new Error(
    `Exceeds the limit (${MAX_DIGITS} digits) for integer string conversion: value has ${length} digits; ${advice}`,
  );
}

class Parser {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  whole(): PythonValue {
    this.#take(SPACE);
    const value = this.#value();
    this.#take(SPACE);
    if (this.#at < this.#text.length) throw this.#error("Extra data");
    return value;
  }

  #error(problem: string, at = this.#at): JsonDecodeError {
    return new JsonDecodeError(problem, this.#text, at);
  }

  /** The match of a sticky expression here, if there is one. */
  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at = pattern.lastIndex;
    return match;
  }

  #skip(char: string): boolean {
    const found = this.#text[this.#at] === char;
    if (found) this.#at++;
    return found;
  }

  #value(): PythonValue {
    if (this.#skip('"')) return this.#string();
    if (this.#skip("{")) return this.#deeper("object", () => this.#object());
    if (this.#skip("[")) return this.#deeper("array", () => this.#list());
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    const number = this.#take(NUMBER);
    if (!number) throw this.#error("Expecting value");
    const [digits, fraction, exponent] = number;
    return fraction || exponent ? Number(digits) : integerIn(digits);
  }

  #deeper<T>(kind: string, read: () => T): T {
    if (++this.#depth > MAX_DEPTH)
      throw new Error(`maximum recursion depth exceeded while decoding a JSON ${kind} from a unicode string`);
    const value = read();
    this.#depth--;
    return value;
  }

  #object(): PythonDict {
    const members: PythonDict = new Map();
    this.#take(SPACE);
    if (this.#skip("}")) return members;
    for (;;) {
      if (!this.#skip('"')) throw this.#error("Expecting property name enclosed in double quotes");
      const key = this.#string();
      this.#take(SPACE);
      if (!this.#skip(":")) throw this.#error("Expecting ':' delimiter");
      this.#take(SPACE);
      members.set(key, this.#value());
      this.#take(SPACE);
      if (this.#skip("}")) return members;
      if (!this.#skip(",")) throw this.#error("Expecting ',' delimiter");
      this.#take(SPACE);
    }
  }

  #list(): PythonValue[] {
    const items: PythonValue[] = [];
    this.#take(SPACE);
    if (this.#skip("]")) return items;
    for (;;) {
      items.push(this.#value());
      this.#take(SPACE);
      if (this.#skip("]")) return items;
      if (!this.#skip(",")) throw this.#error("Expecting ',' delimiter");
      this.#take(SPACE);
    }
  }

  /** The rest of a string whose first quote has been read. */
  #string(): string {
    const quote = this.#at - 1;
    let string = "";
    for (;;) {
      string += this.#take(PLAIN)?.[0];
      if (this.#skip('"')) return string;
      if (this.#at >= this.#text.length) throw this.#error("Unterminated string starting at", quote);
      if (!this.#skip("\\")) throw this.#error("Invalid control character at");
      string += this.#escape(quote);
    }
  }

  #escape(quote: number): string {
    const letter = this.#text[this.#at++];
    if (letter === undefined) throw this.#error("Unterminated string starting at", quote);
    if (letter !== "u") {
      const char = SHORT_ESCAPES[letter];
      if (char === undefined) throw this.#error("Invalid \\escape", this.#at - 2);
      return char;
    }
    const start = this.#at;
    const hex = this.#take(HEX);
    // At the end of the text Python blames the escape, not the missing quote.
    if (!hex || this.#at >= this.#text.length) throw this.#error("Invalid \\uXXXX escape", start - 1);
    return String.fromCharCode(Number.parseInt(hex[0], 16));
  }
}
