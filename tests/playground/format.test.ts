import { expect, test } from "vitest";
import { indented } from "../../local/playground/page/browser/format.ts";

test("an indented body has the text of the body, and more white space between its values alone", () => {
  const exact = '{"a":1.0,"9":[1E5,-0,{}],"s":"x, {\\"y\\": [1]}","e":[],"big":123456789012345678901234567890}';
  expect(indented(exact)).toBe(`{
  "a": 1.0,
  "9": [
    1E5,
    -0,
    {}
  ],
  "s": "x, {\\"y\\": [1]}",
  "e": [],
  "big": 123456789012345678901234567890
}`);
});

test("what is no JSON stays as it is", () => {
  expect(indented("<html>")).toBeNull();
});
