import { expect, test } from "vitest";
import { visible, visibleLines } from "../../shared/visible.ts";

export function visiblePromises(): void {
  test.each([
    ["plain café 😀", "plain café 😀", "plain café 😀"],
    ["one\ntwo\tthree", "one\\ntwo\\tthree", "one\ntwo\tthree"],
    ["\r\b\f\v\0", "\\r\\b\\f\\u000b\\u0000", "\\r\\b\\f\\u000b\\u0000"],
    ["\x1b[2J\x7f\x9b", "\\u001b[2J\\u007f\\u009b", "\\u001b[2J\\u007f\\u009b"],
    ["\u061c\u200e\u200f\u2028\u202e", "\\u061c\\u200e\\u200f\\u2028\\u202e", "\\u061c\\u200e\\u200f\\u2028\\u202e"],
    ["\u2066\u2069", "\\u2066\\u2069", "\\u2066\\u2069"],
    ["\ud800", "\ufffd", "\ufffd"],
  ])("%j is shown on one line as %j, and on several as %j", (text, line, lines) => {
    expect([visible(text), visibleLines(text)]).toEqual([line, lines]);
  });

  test("a long text is shown whole, with each of its characters once", () => {
    const text = `${"x".repeat(65_535)}\n${"y".repeat(65_536)}\n`;
    expect(visible(text)).toBe(text.replaceAll("\n", "\\n"));
  });
}
