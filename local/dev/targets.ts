import { mkdirSync, writeFileSync } from "node:fs";
import type { Command } from "./child.ts";

export const NETLIFY_CLI = "netlify-cli@27.10.2";

export interface DevTarget {
  readonly title: string;
  command(port: number, env: NodeJS.ProcessEnv): Command;
  /** Printed first, if the start takes long. */
  readonly firstWords?: string;
}

/** The three ways to run the webhook on this computer, each with the platform's own tool. */
export const TARGETS = {
  worker: {
    title: "Worker (wrangler dev)",
    command: (port, env) => ({
      file: process.execPath,
      args: [
        "node_modules/wrangler/bin/wrangler.js",
        "dev",
        "--ip",
        "127.0.0.1",
        "--port",
        String(port),
        "--inspector-port",
        "0",
        "--show-interactive-dev-session",
        "false",
        "--env-file",
        emptyEnvFile(),
      ],
      // The shell's variables become bindings. Without the second one, wrangler would fetch request.cf, and warn when offline.
      env: { ...env, CLOUDFLARE_INCLUDE_PROCESS_ENV: "true", CLOUDFLARE_CF_FETCH_ENABLED: "false", NO_COLOR: "1" },
      ready: "Ready on",
      shows: (line) => !line.includes("[wrangler:info]"),
    }),
  },
  netlify: {
    title: "Netlify Function (netlify dev)",
    firstWords: `Starting ${NETLIFY_CLI}. The first start downloads it (about 600 MB).`,
    command: (port, env) => ({
      file: "npx",
      args: [
        "--yes",
        NETLIFY_CLI,
        "dev",
        "--offline",
        "--internal-disable-edge-functions",
        "--no-open",
        "--port",
        String(port),
      ],
      env: { ...env, NO_COLOR: "1", NETLIFY_TELEMETRY_DISABLED: "1" },
      ready: "Local dev server ready",
      shows: isWebhookLog,
    }),
  },
  node: {
    title: "Node server (server.mjs)",
    command: (_port, env) => ({
      file: process.execPath,
      args: ["examples/webhook-typescript/server.mjs"],
      env,
    }),
  },
} as const satisfies Record<string, DevTarget>;

export function isDevTarget(name: string | undefined): name is keyof typeof TARGETS {
  return name !== undefined && name in TARGETS;
}

/** Wrangler would read `.env` again, and expand `$` in its values. */
function emptyEnvFile(): string {
  mkdirSync(".wrangler", { recursive: true });
  writeFileSync(".wrangler/none.env", "");
  return ".wrangler/none.env";
}

function isWebhookLog(line: string): boolean {
  // The CLI's own lines begin with a frame or a symbol. The function's lines begin with the time or a brace.
  return /^(?:\d\d:\d\d:\d\d |\{)|rror/.test(line);
}
