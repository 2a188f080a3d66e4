import { mkdirSync, writeFileSync } from "node:fs";
import { UsageError } from "../usage-error.ts";
import type { Command } from "./child.ts";
import { inSource } from "./worker-stack.ts";

export const NETLIFY_CLI = "netlify-cli@27.10.2";

export interface DevTarget {
  readonly title: string;
  /** The platform's tool, which gets the arguments after `--`. Undefined if there is none. */
  readonly tool?: string;
  /** Whether the tool builds the webhook again after an edit. */
  readonly reloads: boolean;
  /** Whether the webhook prints the start-up lines itself. */
  readonly printsStart: boolean;
  /** Whether the tool listens on 127.0.0.1 alone. */
  readonly isIpv4Only?: boolean;
  /** Finds the public URL in a line of the tool. */
  readonly publicUrl?: RegExp;
  /** Printed first, if the start takes long. */
  readonly firstWords?: string;
  command(port: number, env: NodeJS.ProcessEnv, toolArguments?: readonly string[]): Command;
}

/** Frames of a stack in which nobody can edit anything. */
const FOREIGN_FRAME = /^\s+at .*(?:node:internal|node_modules|___netlify)/;
/** What wrangler says about each request, about its versions, and about bugs that are not its own. */
const WRANGLER_NOISE =
  /^\[wrangler:info\]|^\s*Runtime stderr:|^\s*\{"timestamp":|^Note that there is a newer version|^If you think this is a bug|^🪵 /u;
/** What the Netlify CLI says about each request, about itself, and its frame around the URL. */
const NETLIFY_NOISE =
  /^\s*$|^\s*[╭│╰]|^⬥ (?:Loaded|Reloading|Ignored|Edge functions|Static server)|^⬥ Netlify Blobs running in sandbox|^Request from |^Response with |^\(node:\d+\) \[DEP|^\(Use `node --trace/;

/** The three ways to run the webhook on this computer, each with the platform's own tool. */
export const TARGETS = {
  worker: {
    title: "Worker (wrangler dev)",
    tool: "wrangler dev",
    reloads: true,
    printsStart: false,
    isIpv4Only: true,
    publicUrl: /Sharing via Cloudflare Tunnel: (https:\/\/[\w.-]+)/,
    command: (port, env, toolArguments = []) => ({
      file: process.execPath,
      args: [
        "node_modules/wrangler/bin/wrangler.js",
        "dev",
        "--port",
        String(port),
        // Without a rate limit: the checker alone sends hundreds of messages.
        ...["--var", "RATE_LIMITER:off"],
        ...unless(toolArguments, {
          "--ip": "127.0.0.1",
          "--inspector-port": "0",
          "--show-interactive-dev-session": "false",
          "--env-file": emptyEnvFile(),
        }),
        ...toolArguments,
      ],
      // The shell's variables become bindings. Without the second one, wrangler would fetch request.cf, and warn when offline.
      env: { ...env, CLOUDFLARE_INCLUDE_PROCESS_ENV: "true", CLOUDFLARE_CF_FETCH_ENABLED: "false", NO_COLOR: "1" },
      ready: ["Ready on"],
      broken: "Build failed",
      // If wrangler ends by itself, the esbuild in it may say so in fifty lines.
      uselessFrom: "fatal error: all goroutines are asleep",
      shows: (line) => !WRANGLER_NOISE.test(line),
      rewrite: inSource,
    }),
  },
  netlify: {
    title: "Netlify Function (netlify dev)",
    tool: "netlify dev",
    reloads: true,
    printsStart: false,
    publicUrl: /Local dev server ready: (https:\/\/(?!localhost)[\w.-]+)/,
    firstWords: `Starting ${NETLIFY_CLI}. The first start downloads it (about 600 MB).`,
    command: (port, env, toolArguments = []) => ({
      file: "npx",
      args: [
        "--yes",
        NETLIFY_CLI,
        "dev",
        // A live session needs Netlify's servers.
        ...(toolArguments.some((argument) => /^(?:--live|-l)(?:=|$)/.test(argument)) ? [] : ["--offline"]),
        "--internal-disable-edge-functions",
        "--no-open",
        "--port",
        String(port),
        ...toolArguments,
      ],
      env: { ...env, NO_COLOR: "1", NETLIFY_TELEMETRY_DISABLED: "1" },
      ready: ["Local dev server ready", "Loaded function"],
      broken: "Failed to load function",
      shows: (line) => !NETLIFY_NOISE.test(line) && !FOREIGN_FRAME.test(line),
    }),
  },
  node: {
    title: "Node server (server.mjs)",
    reloads: false,
    printsStart: true,
    command: (port, env) => ({
      file: process.execPath,
      args: ["examples/webhook-typescript/server.mjs"],
      env: { ...env, PORT: String(port) },
      ready: ["  /run  "],
      shows: (line) => !FOREIGN_FRAME.test(line),
    }),
  },
} as const satisfies Record<string, DevTarget>;

export function isDevTarget(name: string | undefined): name is keyof typeof TARGETS {
  return name !== undefined && Object.hasOwn(TARGETS, name);
}

/** Those of the options that are not given. Wrangler takes no option twice. */
function unless(given: readonly string[], options: Record<string, string>): string[] {
  return Object.entries(options)
    .filter(([name]) => !given.some((argument) => argument === name || argument.startsWith(`${name}=`)))
    .flat();
}

/** Wrangler would read `.env` again, and expand `$` in its values. */
function emptyEnvFile(): string {
  try {
    mkdirSync(".wrangler", { recursive: true });
    writeFileSync(".wrangler/none.env", "");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`Cannot write into .wrangler of this project, which wrangler dev needs: ${code}.`);
  }
  return ".wrangler/none.env";
}
