import { mkdirSync, writeFileSync } from "node:fs";
import { unstable_readConfig } from "wrangler";
import type { TargetStarter } from "../contract/index.ts";
import { starter } from "../http/servers.ts";

const CONFIG = ".wrangler/soak.json";
const FROM_ENVIRONMENT = ["WEBHOOK_SECRET", "FALLBACK_REPLY", "CLOCK_SHIFT_MS", "REQUIRE_SIGNATURE"];

/**
 * The Worker in workerd itself. The proxy of `wrangler dev` keeps a connection for each request that broke off, until after some
 * 20,000 it has no file descriptor left (seen).
 */
export function workerd(inspectorPort: number): TargetStarter {
  return starter("the Worker", (port, env) => {
    const { compatibility_date, compatibility_flags, durable_objects, migrations } = unstable_readConfig({
      config: "tests/entries/wrangler.toml",
    });
    const vars = Object.fromEntries(FROM_ENVIRONMENT.map((name) => [name, env[name]]));
    const main = "../tests/entries/worker.ts";
    mkdirSync(".wrangler", { recursive: true });
    writeFileSync(
      CONFIG,
      JSON.stringify({ name: "soak", main, compatibility_date, compatibility_flags, durable_objects, migrations, vars }),
    );
    const addresses = ["--socket-addr", `http=127.0.0.1:${port}`, "--inspector-addr", `127.0.0.1:${inspectorPort}`];
    return { file: "node_modules/workerd/bin/workerd", args: ["serve", CONFIG, ...addresses], env };
  });
}
