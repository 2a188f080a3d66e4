import { globSync, readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { tokenizer } from "acorn";
import { check } from "recheck";
import { describe, expect, test } from "vitest";
import { isPartners } from "../support/partners.ts";

interface Literal {
  readonly pattern: string;
  readonly flags: string;
  readonly files: string[];
}

function literals(): Literal[] {
  const found = new Map<string, Literal>();
  for (const file of globSync(["local/**/*.ts", "shared/**/*.ts"]).filter((name) => !isPartners(name))) {
    const code = stripTypeScriptTypes(readFileSync(file, "utf8"));
    for (const token of tokenizer(code, { ecmaVersion: "latest", sourceType: "module" })) {
      if (token.type.label !== "regexp") continue;
      const { pattern, flags } = (token as unknown as { value: Literal }).value;
      const known = found.get(`/${pattern}/${flags}`);
      if (known) known.files.push(file);
      else found.set(`/${pattern}/${flags}`, { pattern, flags, files: [file] });
    }
  }
  return [...found.values()];
}

describe("no regular expression is slow on any text", () => {
  process.env.RECHECK_BACKEND = "pure";

  test("the detector finds a slow expression", async () => {
    const { status } = await check('"(?:[^"\\\\]|\\\\.)*"|[,:]', "gs");
    expect(status).toBe("vulnerable");
  });

  // The detector measures time: on a busy computer it has taken a fast expression for a slow one.
  test.each(literals())("/$pattern/$flags in $files", { retry: 2 }, async ({ pattern, flags }) => {
    const result = await check(pattern, flags, { timeout: 50_000 });
    expect(result.status === "vulnerable" ? result.attack.string.slice(0, 200) : result.status).toBe("safe");
  });
});
