import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { allChecks } from "../../local/check/checks/all.ts";
import { withChecksTable } from "../../local/check/reports/checks-table.ts";
import { cli } from "./cli.ts";

const docs = (name: string) => readFileSync(new URL(`../../docs/${name}`, import.meta.url), "utf8");

describe("docs", () => {
  test("the list of checks is up to date (npm run check:docs)", () => {
    expect(withChecksTable(docs("check.md"))).toBe(docs("check.md"));
  });

  test("every option of check is described", async () => {
    const { out } = await cli(["check", "--help"]);
    const options = [...out.matchAll(/^ {2}(?:-h, )?(--[a-z]+)/gm)].map(([, option]) => option as string);
    expect(options.length).toBeGreaterThan(8);
    expect(options.filter((option) => option !== "--help" && !docs("check.md").includes(option))).toEqual([]);
  });

  test.each(["check.md", "debugging.md"])("%s quotes the fixes of checks as they are", (name) => {
    const quoted = docs(name)
      .replaceAll("\n    ", " ")
      .matchAll(/^ {2}[✗!] ([A-Z]\d\d)\S*(?: [A-Z]\d\d\S*)* {2}(.*)$/gm);
    const named = [...quoted];
    expect(named.length).toBeGreaterThan(1);
    for (const [, id, text] of named) {
      const { risk, fix } = allChecks.find((check) => check.id === id) ?? expect.unreachable(id);
      expect(text).toBe(`${risk ? `${risk}. ` : ""}${fix}`);
    }
  });
});

describe("each check", () => {
  test.each(allChecks)("$id has a name, what it sends and expects, and a fix", ({ name, sends, expects, fix }) => {
    for (const words of [name, sends, expects, fix]) expect(words).not.toBe("");
    expect(fix).toMatch(/^[A-Z].*[.)]$/s);
  });

  test("has a unique id", () => {
    expect(new Set(allChecks.map(({ id }) => id)).size).toBe(allChecks.length);
  });
});
