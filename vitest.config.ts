import { fileURLToPath } from "node:url";
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

/** Node starts a compiled program in a third of the time, and the tests start hundreds. */
const COMPILED = fileURLToPath(new URL("node_modules/.compiled", import.meta.url));

export default defineConfig({
  test: {
    env: { NODE_COMPILE_CACHE: COMPILED },
    maxWorkers: "100%",
    projects: [
      { test: { name: "node", include: ["tests/{node,playground}/**/*.test.ts"], testTimeout: 30_000 } },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./tests/entries/wrangler.toml" },
            miniflare: { ratelimits: { RATE_LIMITER: { namespace_id: "1001", simple: { limit: 3, period: 60 } } } },
          }),
        ],
        test: { name: "workerd", include: ["tests/workerd/**/*.test.ts"] },
      },
      // The partner's own tests.
      { test: { name: "reply", include: ["tests/reply/**/*.test.ts"], testTimeout: 30_000 } },
      // The checker, and the checker checked: it attacks servers that it starts.
      { test: { name: "check", include: ["tests/{check,frameworks,python}/**/*.test.ts"], testTimeout: 60_000 } },
      // Each file starts servers, and a reader that is kept from reading loses events: one file at a time.
      {
        test: {
          name: "http",
          include: ["tests/{contract,http,shipped}/**/*.test.ts"],
          fileParallelism: false,
          hookTimeout: 60_000,
          testTimeout: 60_000,
        },
      },
      // Needs netlify-cli, 600 MB that npm ci does not install.
      {
        test: {
          name: "netlify-cli",
          include: ["tests/netlify-cli/**/*.test.ts"],
          fileParallelism: false,
          hookTimeout: 300_000,
          testTimeout: 60_000,
        },
      },
    ],
  },
});
