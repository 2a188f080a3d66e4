import { execFileSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipFunctions } from "@netlify/zip-it-and-ship-it";
import { tokenizer } from "acorn";
import { afterAll, describe, expect, test } from "vitest";

/** What the core may weigh, gzipped. */
const CORE = { worker: 25_000, workerWithModel: 120_000, netlify: 40_000 };
/** What the platforms take: Cloudflare's largest plan 10 MB gzipped, Netlify 50 MB zipped (2026-11). */
const PLATFORM = { worker: 10_000_000, netlify: 50_000_000 };

const folder = mkdtempSync(join(tmpdir(), "replyhook-bundle-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe.concurrent("bundles", { timeout: 60_000 }, () => {
  test.each([
    ["the core, with the echo reply", ["tests/entries/echo/worker.ts", "--config", "tests/entries/wrangler.toml"], CORE.worker],
    [
      "the core, with the llm reply",
      ["tests/entries/llm/worker.ts", "--config", "tests/entries/wrangler.toml"],
      CORE.workerWithModel,
    ],
    ["with the reply of shared/reply.ts", [], PLATFORM.worker],
  ])("the Worker is small enough: %s", (name, entry, most) => {
    const printed = execFileSync(process.execPath, ["node_modules/wrangler/bin/wrangler.js", "deploy", "--dry-run", ...entry], {
      encoding: "utf8",
      env: { ...process.env, NO_COLOR: "1" },
    });
    const [, kibibytes] = /gzip: ([\d.]+) KiB/.exec(printed) ?? [];
    console.log(`Worker, ${name}: ${kibibytes} KiB gzipped, as wrangler says`);
    expect(Number(kibibytes) * 1024).toBeLessThanOrEqual(most);
  });

  test("the Worker's bundle makes no code from text, and has no secret of the machine that built it", () => {
    const out = join(folder, "worker");
    const env = { ...process.env, WEBHOOK_SECRET: "swordfish-of-this-test", LLM_API_KEY: "swordfish-of-this-test" };
    execFileSync(process.execPath, ["node_modules/wrangler/bin/wrangler.js", "deploy", "--dry-run", "--outdir", out], { env });
    const [code = "", map = ""] = ["js", "js.map"].map((end) => readFileSync(join(out, `index.${end}`), "utf8"));
    expect(`${code}${map}`).not.toContain("swordfish");
    const tokens = tokenizer(code, { ecmaVersion: "latest", sourceType: "module" });
    const names = Array.from(tokens, ({ start, end }) => code.slice(start, end));
    expect(names).toContain("crypto");
    expect(names.filter((name) => name === "eval" || name === "Function")).toEqual([]);
  });

  test.each([
    ["the core, with the echo reply", "tests/entries/echo/functions", CORE.netlify],
    ["with the reply of shared/reply.ts", "functions", PLATFORM.netlify],
  ])("the Netlify function's own code is small enough: %s", async (name, functions, most) => {
    const out = join(folder, name);
    await zipFunctions(functions, out, { archiveFormat: "none", config: { "*": { nodeBundler: "esbuild" } } });
    // The deployed function also has Netlify's own start-up code.
    const [bundle = ""] = globSync(`${out}/webhook/**/functions/webhook/index.mjs`);
    const size = gzipSync(readFileSync(bundle)).length;
    console.log(`Netlify function, ${name}: ${size} bytes gzipped`);
    expect(size).toBeLessThanOrEqual(most);
  });
});
