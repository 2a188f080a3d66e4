import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readEnvFile } from "../../local/env-file.ts";

const folder = mkdtempSync(join(tmpdir(), "replyhook-env-"));
const path = join(folder, ".env");
afterAll(() => rmSync(folder, { recursive: true }));

function read(content: string | Uint8Array) {
  writeFileSync(path, content);
  return readEnvFile(path);
}

test.each([
  ["WEBHOOK_SECRET=abcd", { WEBHOOK_SECRET: "abcd" }],
  ["WEBHOOK_SECRET=", { WEBHOOK_SECRET: "" }],
  ["WEBHOOK_SECRET=   ", { WEBHOOK_SECRET: "" }],
  ["WEBHOOK_SECRET = abcd  ", { WEBHOOK_SECRET: "abcd" }],
  ["export WEBHOOK_SECRET=abcd", { WEBHOOK_SECRET: "abcd" }],
  ["WEBHOOK_SECRET='ab#cd'", { WEBHOOK_SECRET: "ab#cd" }],
  ["WEBHOOK_SECRET=\"ab#cd 'x'\"  ", { WEBHOOK_SECRET: "ab#cd 'x'" }],
  ["WEBHOOK_SECRET=`a\"b'c`", { WEBHOOK_SECRET: "a\"b'c" }],
  ["WEBHOOK_SECRET=a$b$HOME", { WEBHOOK_SECRET: "a$b$HOME" }],
  ['WEBHOOK_SECRET="two\nlines"\nPORT=1', { WEBHOOK_SECRET: "two\nlines", PORT: "1" }],
  ["\ufeffWEBHOOK_SECRET=abcd\r\nPORT=1\r\n", { WEBHOOK_SECRET: "abcd", PORT: "1" }],
  ["# WEBHOOK_SECRET=ab#cd\nPORT=1 # on this computer", { PORT: "1" }],
  ["WEBHOOK_SECRET=\nPORT=1\nWEBHOOK_SECRET='ab#cd'", { WEBHOOK_SECRET: "ab#cd", PORT: "1" }],
  ['BACKEND_URL= \n\nWEBHOOK_SECRET="abc"', { BACKEND_URL: "", WEBHOOK_SECRET: "abc" }],
  ["", {}],
])("%j is understood", (text, settings) => {
  expect(read(text)).toEqual({ settings, warnings: [] });
});

test.each([
  ["a # in it", "WEBHOOK_SECRET=abcd#4711", 1],
  ["a # at its start", "PORT=1\nWEBHOOK_SECRET=#4711abcd", 2],
  ["a quote in quotes", '\n\nWEBHOOK_SECRET="a\\"4711"', 3],
  ["something after the quotes", "WEBHOOK_SECRET='abcd'4711", 1],
  ["a comment, which may be a part of it", "LLM_API_KEY=abcd #4711", 1],
])("a secret that would become another one in silence is refused: %s", (_, text, line) => {
  const name = /(\w+_\w+)=/.exec(text)?.[1];
  expect(() => read(text)).toThrow(`${path}, line ${line}: ${name} has more after the = than what was read as its value.`);
  expect(() => read(text)).toThrow(`${name}='…'`);
  expect(() => read(text)).not.toThrow(/4711|abcd/);
});

test("a secret inside the value of another setting, whose quote is not closed, is refused", () => {
  const text = "PORT=1\nLLM_SYSTEM_PROMPT='\nWEBHOOK_SECRET=abcd\nFALLBACK_REPLY='\n";
  expect(() => read(text)).toThrow(
    `${path}, line 2: the quote of LLM_SYSTEM_PROMPT is closed only after line 3, which sets a secret.`,
  );
});

test.each(["REQUIRE_SIGNATURE=#true", "FALLBACK_REPLY=#sorry"])("%s gets a warning: it is no comment", (text) => {
  expect(read(text).warnings).toHaveLength(1);
});

test("another setting that would become another one in silence gets a warning, without its value", () => {
  const { settings, warnings } = read("PORT=1\nFALLBACK_REPLY=Sorry#4711");
  expect(settings.FALLBACK_REPLY).toBe("Sorry");
  expect(warnings).toEqual([expect.stringMatching(/line 2: FALLBACK_REPLY has more after the =/)]);
  expect(warnings[0]).not.toMatch(/Sorry|4711/);
});

test.each([
  [
    "UTF-16, as PowerShell writes it",
    Buffer.from("\ufeffWEBHOOK_SECRET=abcd", "utf16le"),
    /is not UTF-8 text \(PowerShell's > writes UTF-16\)/,
  ],
  ["a NUL", Buffer.from("WEBHOOK_SECRET=ab\0cd"), /is not UTF-8 text/],
  ["Latin-1", Buffer.from("WEBHOOK_SECRET=clé", "latin1"), /is not UTF-8 text\. Save it again as UTF-8\.$/],
])("a file of another kind is one sentence: %s", (_, bytes, message) => {
  expect(() => read(bytes)).toThrow(message);
  expect(() => read(bytes)).not.toThrow(/abcd|cl/);
});

test("a folder is one sentence, and no file is no setting", () => {
  mkdirSync(join(folder, "folder"));
  expect(() => readEnvFile(join(folder, "folder"))).toThrow(/is a folder\. It must be a file\.$/);
  expect(readEnvFile(join(folder, "none"))).toEqual({ settings: {}, warnings: [] });
});

// Root may read everything.
test.skipIf(process.getuid?.() === 0)("a file that may not be read is one sentence", () => {
  writeFileSync(path, "PORT=1");
  chmodSync(path, 0);
  expect(() => readEnvFile(path)).toThrow(/cannot be read: EACCES\.$/);
});
