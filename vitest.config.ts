import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "node", include: ["tests/node/**/*.test.ts"], testTimeout: 30_000 } },
      {
        plugins: [
          cloudflareTest({
            wrangler: { configPath: "./tests/entries/wrangler.toml" },
            miniflare: { ratelimits: { RATE_LIMITER: { namespace_id: "1001", simple: { limit: 3, period: 60 } } } },
          }),
        ],
        test: { name: "workerd", include: ["tests/workerd/**/*.test.ts"] },
      },
      // The checker, and the checker checked: it attacks servers that it starts.
      { test: { name: "check", include: ["tests/check/**/*.test.ts", "tests/python/**/*.test.ts"], testTimeout: 60_000 } },
      // Needs netlify-cli, 600 MB that npm ci does not install: `npm run test:netlify-cli`.
      {
        test: {
          name: "netlify-cli",
          include: ["tests/netlify-cli/**/*.test.ts"],
          fileParallelism: false,
          hookTimeout: 300_000,
          testTimeout: 60_000,
        },
      },
      // Each file starts servers, and each test sends real requests to them: one file at a time on the computer's ports.
      {
        test: {
          name: "http",
          include: ["tests/http/**/*.test.ts"],
          fileParallelism: false,
          hookTimeout: 60_000,
          testTimeout: 60_000,
        },
      },
    ],
  },
});
