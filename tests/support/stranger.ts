import { spawn } from "node:child_process";
import { once } from "node:events";
import { delimiter } from "node:path";
import { text } from "node:stream/consumers";

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs a shell command in `folder`, as somebody does who has the Node and the npm of this computer: without this repository's
 * Node, without settings but `env`, and without a registry. npm stores in `home`. What still runs at the end is stopped.
 */
export async function asStranger(command: string, folder: string, home: string, env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const path = (process.env.PATH ?? "").split(delimiter).filter((entry) => !entry.includes("node_modules"));
  const child = spawn("bash", ["-c", command], {
    cwd: folder,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      PATH: path.join(delimiter),
      HOME: home,
      // Nothing listens there.
      npm_config_registry: "http://127.0.0.1:1/",
      npm_config_fetch_retries: "0",
      npm_config_update_notifier: "false",
      ...env,
    },
  });
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  try {
    process.kill(-(child.pid as number), "SIGTERM");
  } catch {
    // Nothing of it runs any more.
  }
  return { code, out, err };
}
