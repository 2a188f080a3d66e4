import type { TargetStarter } from "../contract/index.ts";
import { starter } from "../http/servers.ts";
import { onceObjects, workerdConfig } from "../support/workerd-config.ts";

const FROM_ENVIRONMENT = ["WEBHOOK_SECRET", "FALLBACK_REPLY", "CLOCK_SHIFT_MS", "REQUIRE_SIGNATURE"];

/**
 * The Worker in workerd itself. The proxy of `wrangler dev` keeps a connection for each request that broke off, until after some
 * 20,000 it has no file descriptor left (seen).
 */
export function workerd(inspectorPort: number): TargetStarter {
  return starter("the Worker", (port, env) => {
    const vars = Object.fromEntries(FROM_ENVIRONMENT.map((name) => [name, env[name]]));
    const config = workerdConfig("tests/entries/worker.ts", { vars, ...onceObjects() });
    const addresses = ["--socket-addr", `http=127.0.0.1:${port}`, "--inspector-addr", `127.0.0.1:${inspectorPort}`];
    return { file: "node_modules/workerd/bin/workerd", args: ["serve", config, ...addresses], env };
  });
}
