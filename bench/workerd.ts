import { unstable_startWorker } from "wrangler";
import type { Comparison } from "./compare.ts";
import type { SampleKind } from "./samples.ts";

/** Reading the clock outside takes about 1 ms, and that is time of both sides alike. */
const ROUND_MS = 40;

/** The real workerd with the benchmark's worker in it, under the compatibility date that is deployed; `now` is the time outside. */
export async function startWorkerd(now: () => number) {
  // Without it, wrangler asks the network for request.cf, and warns where there is none.
  process.env.CLOUDFLARE_CF_FETCH_ENABLED ??= "false";
  const worker = await unstable_startWorker({
    entrypoint: "bench/worker.ts",
    config: "wrangler.toml",
    bindings: { CLOCK: { type: "fetcher", fetcher: async () => new Response(String(now())) } },
    dev: { watch: false, liveReload: false, persist: false, inspector: false, logLevel: "error", server: { port: 0 } },
  });
  return {
    async compare(kind: SampleKind, budgetMs: number): Promise<Comparison> {
      const response = await worker.fetch("http://bench/", {
        method: "POST",
        body: JSON.stringify({ kind, budgetMs, roundMs: ROUND_MS }),
      });
      if (!response.ok) throw new Error(`the benchmark failed inside workerd: ${await response.text()}`);
      return (await response.json()) as Comparison;
    },
    stop: () => worker.dispose(),
  };
}
