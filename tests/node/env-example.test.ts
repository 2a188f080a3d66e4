import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { PLAYGROUND_PORT } from "../../local/dev/port.ts";
import { readSettings } from "../../shared/settings.ts";

const example = readFileSync(".env.example", "utf8");
const COMMENTED = /^# (?=[A-Z_]+=)/gm;

test("the deploy buttons ask for WEBHOOK_SECRET and for nothing else", () => {
  // Cloudflare's button asks for each line of .env.example that is no comment, Netlify's for each name in netlify.toml.
  expect(Object.keys(parseEnv(example))).toEqual(["WEBHOOK_SECRET"]);
  const [, asked = ""] = /\[template\.environment\]\n([^[]*)/.exec(readFileSync("netlify.toml", "utf8")) ?? [];
  expect([...asked.matchAll(/^ *(\w+) =/gm)].map(([, name]) => name)).toEqual(["WEBHOOK_SECRET"]);
  const { cloudflare } = JSON.parse(readFileSync("package.json", "utf8"));
  expect(Object.keys(cloudflare.bindings)).toEqual(["WEBHOOK_SECRET"]);
});

test("a commented line of .env.example shows the default: uncommenting it changes nothing", () => {
  const all = parseEnv(example.replace(COMMENTED, ""));
  expect(readSettings(all)).toEqual(readSettings({}));
  // DEFER must be on for the DEFER_* settings to count.
  expect(readSettings({ ...all, DEFER: "true" })).toEqual(readSettings({ DEFER: "true" }));
  expect([all.PORT, all.PLAYGROUND_PORT, all.LOG_FORMAT]).toEqual(["8081", String(PLAYGROUND_PORT), "text"]);
});

test("each setting of .env.example has one line above it that explains it", () => {
  const paragraphs = example.trim().split("\n\n").slice(1);
  expect(paragraphs).toHaveLength(Object.keys(parseEnv(example.replace(COMMENTED, ""))).length);
  for (const paragraph of paragraphs) expect(paragraph).toMatch(/^# .+\.\n(?:# )?[A-Z_]+=.*$/);
});

test("the README has exactly the settings of .env.example", () => {
  const rows = readFileSync("README.md", "utf8").matchAll(/^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|/gm);
  const named = [...rows].flatMap(([, names = ""]) => names.replaceAll("`", "").split(", "));
  expect(named.toSorted()).toEqual(Object.keys(parseEnv(example.replace(COMMENTED, ""))).toSorted());
});
