/**
 * Members of the message that is sent, and the members that were signed. A webhook accepts the message if it rewrites the
 * first into the second. Each second one is ASCII where it can be: then it is signed alike in every form.
 */
export type Change = readonly [sent: string, signed: string];

export const IN_STRINGS: readonly Change[] = [
  ['"content":"a, b: c"', '"content":"a,b:c"'],
  ['"content":"a  b"', '"content":"a b"'],
  // For a reader that takes these strings to be open, the text that follows is outside strings.
  ['"content_json":"\\\\","content":"a b"', '"content_json":"\\\\","content":"ab"'],
  ['"content_json":"\\"","content":"a b"', '"content_json":"\\"","content":"ab"'],
];

export const ESCAPES: readonly Change[] = [
  ['"content":"é"', '"content":"\\\\u00e9"'],
  ['"content":"\\\\u00e9"', '"content":"é"'],
  ['"content":"\\\\u00e9"', '"content":"\\u00e9"'],
  ['"content":"\\u00e9"', '"content":"\\\\u00e9"'],
  // What a reader of escapes makes of the second backslash.
  ['"content":"\\\\u00e9"', '"content":"\\é"'],
  ['"content":"a\\\\u0022b"', '"content":"a\\"b"'],
  // No JSON, but its escaped form is.
  ['"content":"\\é"', '"content":"\\\\u00e9"'],
];

export const OTHER_VALUES: readonly Change[] = [
  // The Kelvin sign: a K in each of the four normal forms of Unicode.
  ['"content":"\u212a"', '"content":"K"'],
  ['"content":"he\u200bllo"', '"content":"hello"'],
  ['"content":"hello😀"', '"content":"hello"'],
  ['"content":"日"', '"content":"?"'],
  // U+4E41 ends in the byte of an A.
  ['"content":"乁"', '"content":"A"'],
  ['"content":"a\\u0000b"', '"content":"ab"'],
  ['"content":"a\u00a0b"', '"content":"a b"'],
  ['"content":"a\\r\\nb"', '"content":"a\\nb"'],
  ['"content":"hello","content_json":[9007199254740993]', '"content":"hello","content_json":[9007199254740992]'],
  ['"content":"hello","content":"hellp"', '"content":"hello"'],
  ['"content":"hello","__proto__":1', '"content":"hello"'],
];

export const OTHER_WRITINGS: readonly Change[] = [
  ['"content":"a\\/b"', '"content":"a/b"'],
  ['"content":"a/b"', '"content":"a\\/b"'],
  ['"content":"<"', '"content":"\\u003c"'],
  ['"content":"\\u0041"', '"content":"A"'],
  ['"content":"\\u00e9"', '"content":"é"'],
  ['"content":"hello","content_json":[1.0]', '"content":"hello","content_json":[1]'],
  ['"content":"hello","content_json":[1e2]', '"content":"hello","content_json":[100]'],
  ['"content":"hello","content_json":[1e2]', '"content":"hello","content_json":[100.0]'],
  ['"content":"hello","content_json":[-0]', '"content":"hello","content_json":[0]'],
  ['"content":"hellp","content":"hello"', '"content":"hello"'],
  ['"content":"hello","content_json":null', '"content":"hello"'],
];
