import { describe, expect, test } from "vitest";
import { throughJsonb } from "../../local/playground/python/jsonb.ts";
import { parsePythonJson } from "../../local/playground/python/parse-json.ts";
import { compactJson, floatText, pythonRepr } from "../../local/playground/python/text.ts";
import { isoTime, timeOf } from "../../local/playground/python/time.ts";
import type { PythonDict } from "../../local/playground/python/value.ts";

const stored = (json: string) => compactJson(throughJsonb(parsePythonJson(json) as PythonDict));

describe("a content_json that is typed by hand", () => {
  test.each([
    ["1E5", "100000.0"],
    ["1e21", "1000000000000000000000"],
    ["1e22", "10000000000000000000000"],
    ["-1.5e+16", "-15000000000000000"],
    ["123456789012345680000.0", "123456789012345680000"],
    ["1e15", "1000000000000000.0"],
    ["1.7976931348623157e308", `17976931348623157${"0".repeat(292)}`],
    ["-0.0", "0.0"],
    ["-0", "0"],
    ["1.0", "1.0"],
    ["1.50", "1.5"],
    ["1e-7", "1e-07"],
    ["0.0001", "0.0001"],
    ["0.00001", "1e-05"],
    ["5e-324", "5e-324"],
    ["3.14159265358979323846", "3.141592653589793"],
    ["0.30000000000000004", "0.30000000000000004"],
    ["9007199254740993", "9007199254740993"],
    ["123456789012345678901234567890", "123456789012345678901234567890"],
    ["9".repeat(309), "9".repeat(309)],
  ])("sends the number %s as %s", (typed, sent) => {
    expect(stored(`{"n":${typed}}`)).toBe(`{"n":${sent}}`);
  });

  // Typed and recorded on the running main app: the case content-json-nested of the recorded requests.
  test("has its keys sorted: shorter first, then by bytes, at any depth", () => {
    const typed =
      '{"z":1,"a":null,"10":"ten","9":"nine","":"empty key","__proto__":{"polluted":true},"constructor":[],"é":"ключ",' +
      '"😀":{"k":"v"},"list":[1,[2,[3,{"deep":[null,true,false,{}]}]]],"sep":"x","del\\u007f":"\\u007f"}';
    expect(stored(typed)).toBe(
      '{"":"empty key","9":"nine","a":null,"z":1,"10":"ten","é":"ключ","sep":"x","del\x7f":"\x7f",' +
        '"list":[1,[2,[3,{"deep":[null,true,false,{}]}]]],"😀":{"k":"v"},"__proto__":{"polluted":true},"constructor":[]}',
    );
    expect(stored('{"a":{"bb":1,"b":2},"A":[{"10":1,"9":2}]}')).toBe('{"A":[{"9":2,"10":1}],"a":{"b":2,"bb":1}}');
  });

  test("with a key twice: the last one counts", () => {
    expect(stored('{"a":1,"b":2,"\\u0061":3}')).toBe('{"a":3,"b":2}');
  });

  test.each([
    '{"a":NaN}',
    '{"a":-Infinity}',
    '{"a":1e400}',
    '{"a":"\\u0000"}',
    '{"\\u0000":1}',
    '{"a":"\\ud83d"}',
    '{"\\ude00":1}',
  ])("%s is not stored", (typed) => {
    expect(() => stored(typed)).toThrow("not stored");
  });
});

/** Each message was printed by Python 3.12. */
test.each([
  ["", "Expecting value: line 1 column 1 (char 0)"],
  ["  ", "Expecting value: line 1 column 3 (char 2)"],
  ["nul", "Expecting value: line 1 column 1 (char 0)"],
  ["-x", "Expecting value: line 1 column 1 (char 0)"],
  [".5", "Expecting value: line 1 column 1 (char 0)"],
  ["{", "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"],
  ['{"a":1,}', "Expecting property name enclosed in double quotes: line 1 column 8 (char 7)"],
  ['{"a"', "Expecting ':' delimiter: line 1 column 5 (char 4)"],
  ['{"a":', "Expecting value: line 1 column 6 (char 5)"],
  ['{"a":1 "b"}', "Expecting ',' delimiter: line 1 column 8 (char 7)"],
  ["[1 2]", "Expecting ',' delimiter: line 1 column 4 (char 3)"],
  ["[1,]", "Expecting value: line 1 column 4 (char 3)"],
  ["01", "Extra data: line 1 column 2 (char 1)"],
  ["1.", "Extra data: line 1 column 2 (char 1)"],
  ['"😀" x', "Extra data: line 1 column 5 (char 4)"],
  ['"abc', "Unterminated string starting at: line 1 column 1 (char 0)"],
  ['"a\nb"', "Invalid control character at: line 1 column 3 (char 2)"],
  ['[1,\n "\\q"]', "Invalid \\escape: line 2 column 3 (char 6)"],
  ['"\\u00e9', "Invalid \\uXXXX escape: line 1 column 3 (char 2)"],
  ['"\\u12zz"', "Invalid \\uXXXX escape: line 1 column 3 (char 2)"],
])("the error of the JSON %o is Python's", (json, message) => {
  expect(() => parsePythonJson(json)).toThrow(expect.objectContaining({ message }));
});

test.each([
  [[0xff], "byte 0xff in position 0: invalid start byte"],
  [[0x61, 0xe9, 0x22], "byte 0xe9 in position 1: invalid continuation byte"],
  [[0xf0, 0x9f, 0x98], "bytes in position 0-2: unexpected end of data"],
  [[0xc0, 0x80], "byte 0xc0 in position 0: invalid start byte"],
])("the error of the bytes %o is Python's", (bytes, message) => {
  expect(() => parsePythonJson(Uint8Array.from(bytes))).toThrow(
    expect.objectContaining({ message: `'utf-8' codec can't decode ${message}` }),
  );
});

test("lists that are too deep for Python are refused, not the end of the process", () => {
  const deep = (depth: number) => "[".repeat(depth) + "]".repeat(depth);
  expect(compactJson(parsePythonJson(deep(900)))).toBe(deep(900));
  expect(() => parsePythonJson(deep(100_000))).toThrow("maximum recursion depth exceeded");
});

test("an integer that is too long for Python is refused", () => {
  expect(parsePythonJson("9".repeat(4300))).toBe(10n ** 4300n - 1n);
  expect(() => parsePythonJson(`-${"9".repeat(4301)}`)).toThrow(
    "Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; use sys.set_int_max_str_digits() ",
  );
});

test.each([
  ['"it\'s"', `"it's"`],
  [`"it's \\"so\\""`, `'it\\'s "so"'`],
  [
    '"\\\\ \\n\\r\\t\\u0000\\u007f\\u0085\\u00a0\\u200b\\u2028\\ud83d\\ufeff"',
    `'\\\\ \\n\\r\\t\\x00\\x7f\\x85\\xa0\\u200b\\u2028\\ud83d\\ufeff'`,
  ],
  ['"é😀 \\udb40\\udc01"', `'é😀 \\U000e0001'`],
  ['{"a":[1,2.0,1e16,null,true,{}],"":false}', "{'a': [1, 2.0, 1e+16, None, True, {}], '': False}"],
  ["[NaN,Infinity,-Infinity,-0.0]", "[nan, inf, -inf, -0.0]"],
])("Python's text of %s is %s", (json, text) => {
  expect(pythonRepr(parsePythonJson(json))).toBe(text);
});

test.each([
  [1e16, "1e+16"],
  [1e15, "1000000000000000.0"],
  [123456.789, "123456.789"],
  [0.0001, "0.0001"],
  [0.00001234, "1.234e-05"],
  [1.5e300, "1.5e+300"],
])("Python's text of %d is %s", (value, text) => {
  expect(floatText(value)).toBe(text);
});

test("a time has microseconds, unless they are 0", () => {
  const at = Date.UTC(2026, 10, 23, 18, 10, 55) * 1000;
  expect(isoTime(at + 421_945)).toBe("2026-11-23T18:10:55.421945+00:00");
  expect(isoTime(at + 5, "Z")).toBe("2026-11-23T18:10:55.000005Z");
  expect(isoTime(at)).toBe("2026-11-23T18:10:55+00:00");
  expect([at, at + 5].map((time) => timeOf(isoTime(time)))).toEqual([at, at + 5]);
  expect(timeOf("yesterday")).toBeNaN();
});
