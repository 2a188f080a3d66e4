import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { zipFunctions } from "@netlify/zip-it-and-ship-it";
import { afterAll, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "replyhook-bundle-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the Worker's bundle is at most 25 kB gzipped", { timeout: 60_000 }, () => {
  const printed = execFileSync(process.execPath, ["node_modules/wrangler/bin/wrangler.js", "deploy", "--dry-run"], {
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
  });
  const [, kibibytes] = /gzip: ([\d.]+) KiB/.exec(printed) ?? [];
  console.log(`Worker: ${kibibytes} KiB gzipped, as wrangler says`);
  expect(Number(kibibytes) * 1024).toBeLessThanOrEqual(25_000);
});

test("the Netlify function's own code is at most 40 kB gzipped", { timeout: 60_000 }, async () => {
  await zipFunctions("functions", folder, { archiveFormat: "none", config: { "*": { nodeBundler: "esbuild" } } });
  const size = gzipSync(readFileSync(join(folder, "webhook/functions/webhook/index.mjs"))).length;
  console.log(`Netlify function: ${size} bytes gzipped`);
  expect(size).toBeLessThanOrEqual(40_000);
});
