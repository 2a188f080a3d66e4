import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { freePort } from "../../local/dev/port.ts";
import type { RunningWebhook } from "./broken/base.ts";

/** Starts the project's own Node server on a free port. Disposing of it stops the server. */
export const startNodeServer = (env: Record<string, string>) => startServer(process.execPath, "tests/entries/server.ts", env);

/** Starts a server in any language on a free port: `program` runs `file`, which prints a line when it is ready. */
export async function startServer(program: string, file: string, env: Record<string, string>): Promise<RunningWebhook> {
  const port = await freePort();
  const child = spawn(program, [file], {
    env: { PATH: process.env.PATH ?? "", PORT: String(port), ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(createInterface({ input: child.stdout }), "line");
  child.stdout.resume();
  const url = new URL(`http://localhost:${port}/`);
  return {
    url,
    stream: new URL("/stream", url),
    secret: env.WEBHOOK_SECRET ?? "",
    async [Symbol.asyncDispose]() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    },
  };
}
